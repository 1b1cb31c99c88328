"""Callboard: the self-hosted webhook sender for video platforms.

Importing this package alone loads nothing that must be installed: the domain can be tested with
plain Python, and the supervisor stays small.
"""

from typing import TYPE_CHECKING

from app.domain.common.version import VERSION

if TYPE_CHECKING:
    from flask import Flask

    from app.runtime.configuration.settings import Settings

__version__ = VERSION


def create_app(settings: "Settings | None" = None) -> "Flask":
    """See `app.factory.create_app`."""
    from app import factory

    return factory.create_app(settings)
