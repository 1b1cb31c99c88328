"""The group of all commands, and what each of them gets."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property

import click
from flask import Flask

from app import create_app
from app.models.common.base import db
from app.runtime.configuration.settings import Settings, load_settings
from app.services.accounts.actor import Actor

# In the audit log.
COMMAND_LINE = Actor("system", None, "Command line")


@dataclass
class Installation:
    settings: Settings

    @cached_property
    def _app(self) -> Flask:
        return create_app(self.settings)

    @contextmanager
    def request_context(self) -> Iterator[None]:
        """For services and links. Entered after `migrate`: the application reads the tables."""
        with self._app.test_request_context(base_url=self.settings.public_url):
            try:
                yield
            finally:
                db.session.remove()
                db.engine.dispose()


def installation() -> Installation | None:
    """As the environment has it; None for `--help`, which needs none."""
    return None if "--help" in sys.argv[1:] else Installation(load_settings())


@click.group(chain=True)
@click.pass_context
def commands(context: click.Context) -> None:
    """Administer a Callboard installation.

    Settings come from the environment. Several commands run in the order given.
    """
    context.obj = installation()
