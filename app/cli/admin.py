"""`callboard-admin`: the same commands as `python -m app.cli`, one at a time."""

import sys

import click

from app.cli.__main__ import main
from app.cli.group import commands, installation
from app.domain.common.version import VERSION
from app.runtime.logs import setup

# Commands of the group `create`, by their names in `python -m app.cli`.
_CREATING = {
    "organization": "create-organization",
    "user": "create-user",
    "key": "create-key",
}
# For script/server.
_INTERNAL = frozenset({"demo-curl"})


@click.group()
@click.version_option(VERSION, message="%(prog)s %(version)s")
@click.pass_context
def admin(context: click.Context) -> None:
    """Administer a Callboard installation. Settings come from the environment."""
    context.obj = installation()


@admin.group()
def create() -> None:
    """Create an organization, a user or an API key."""


for _name, _command in sorted(commands.commands.items()):
    if _name not in (*_CREATING.values(), *_INTERNAL):
        admin.add_command(_command, _name)
for _name, _old in _CREATING.items():
    create.add_command(commands.commands[_old], _name)


def run() -> None:
    """The entry point of the command."""
    setup.configure("command", quiet=True)
    sys.exit(main(sys.argv[1:], admin, "callboard-admin"))


if __name__ == "__main__":
    run()
