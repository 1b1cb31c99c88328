"""What the commands share: which server, with which key."""

import os
from dataclasses import dataclass
from functools import cached_property

import click

from callboard.cli import profiles
from callboard.client import Callboard
from callboard.errors import CallboardError

NOT_CONFIGURED = "Not logged in. Run: callboard login (or set CALLBOARD_URL and CALLBOARD_API_KEY)"

NO_ORGANIZATION = "Name the organization: callboard --organization ID ..., CALLBOARD_ORGANIZATION"
NO_ORGANIZATION += ", or log in with it. A platform key is needed, too."


@dataclass
class State:
    """profile: the one asked for; None: the current one. The environment overrides it."""

    profile: str | None = None
    organization: str | None = None

    @cached_property
    def client(self) -> Callboard:
        url, key = os.environ.get("CALLBOARD_URL"), os.environ.get("CALLBOARD_API_KEY")
        organization = self.organization
        if not (url and key):
            name, profile = self._stored()
            url = url or profile.url
            if not key:
                key = profiles.key_of(name, profile)
                # With a key from the environment, it could be another organization's.
                organization = organization or profile.organization
        try:
            return Callboard(url, key, organization=organization)
        except CallboardError as error:
            # No request was made: the URL or the key cannot be right.
            raise click.UsageError(str(error)) from error

    @property
    def organization_id(self) -> str:
        """The organization that was named. UsageError: none was."""
        organization_id = self.client.transport.organization
        if organization_id is None:
            raise click.UsageError(NO_ORGANIZATION)
        return organization_id

    def _stored(self) -> tuple[str, profiles.Profile]:
        known = profiles.load()
        name = self.profile or known.current
        if name not in known.by_name:
            names = ", ".join(sorted(known.by_name))
            if self.profile and names:
                raise click.UsageError(f"There is no profile {name}. Profiles: {names}.")
            raise click.UsageError(NOT_CONFIGURED)
        return name, known.by_name[name]


pass_state = click.make_pass_decorator(State)
