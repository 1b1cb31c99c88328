"""Profiles: which server, with which key."""

import sys

import click

from callboard.cli import profiles as stored
from callboard.cli.output import json_option, note, print_list
from callboard.cli.state import State, pass_state
from callboard.client import Callboard
from callboard.errors import Forbidden

DEFAULT_URL = "http://127.0.0.1:8000"


@click.command()
@click.option("--url", envvar="CALLBOARD_URL", help="Where Callboard is.")
@click.option("--profile", "name", help="The name to store it under; default: `default`.")
@click.option("--organization", help="Its id; needed with a platform key.")
@click.option("--no-keyring", is_flag=True, help="Store the key in the file of profiles.")
@pass_state
def login(
    state: State, url: str | None, name: str | None, organization: str | None, no_keyring: bool
) -> None:
    """Store a URL and an API key as a profile, after trying them.

    The key is asked for, or read from standard input:

        callboard login --url https://callboard.example.com < key.txt
    """
    is_terminal = sys.stdin.isatty()
    if not url:
        url = click.prompt("URL", DEFAULT_URL, err=True) if is_terminal else DEFAULT_URL
    name = name or state.profile or stored.DEFAULT
    organization = organization or state.organization
    key = click.prompt("API key", hide_input=True, err=True) if is_terminal else sys.stdin.read()
    key = str(key).strip()
    if not key:
        raise click.UsageError("No API key was given on standard input.")
    with Callboard(url, key, organization=organization) as client:
        _check(client)
        known = stored.load()
        profile = stored.Profile(client.url, organization=organization)
    is_in_keyring = stored.store_key(name, profile, key, use_keyring=not no_keyring)
    known.by_name[name] = profile
    known.current = name
    stored.save(known)
    location = "the keyring" if is_in_keyring else str(stored.config_path())
    note(f"Logged in to {profile.url} as profile {name}. The key is in {location}.")


def _check(client: Callboard) -> None:
    """Unauthorized, OrganizationMissing, Unreachable. A key without the scope is a key as well."""
    try:
        client.deliveries.list().first(1)
    except Forbidden as error:
        if "scope" not in str(error):
            raise


@click.command()
@click.argument("name", required=False)
@pass_state
def logout(state: State, name: str | None) -> None:
    """Delete a profile and its key; default: the current one."""
    known = stored.load()
    name = name or state.profile or known.current
    if known.by_name.pop(name, None) is None:
        raise click.UsageError(f"There is no profile {name}.")
    stored.forget_key(name)
    if known.current == name:
        known.current = next(iter(known.by_name), stored.DEFAULT)
    stored.save(known)
    note(f"Deleted profile {name}. The key is still valid: revoke it if nobody uses it.")


@click.command()
@json_option
def profiles(as_json: bool) -> None:
    """List the profiles."""
    known = stored.load()
    rows = [
        {
            "name": name,
            "url": profile.url,
            "organization": profile.organization,
            "key": "keyring" if profile.key is None else "file",
            "current": name == known.current,
        }
        for name, profile in known.by_name.items()
    ]
    print_list(rows, ("name", "url", "organization", "key", "current"), as_json=as_json)
