"""Administration commands: `python -m app.cli COMMAND...`."""

import sys
from dataclasses import asdict

import click
from flask import url_for
from sqlalchemy.exc import OperationalError

from app.cli import creating, inspection, upkeep
from app.cli.group import COMMAND_LINE, Installation, commands
from app.cli.migrate import migrate
from app.domain.accounts.fields import check_email
from app.domain.common.errors import CallboardError
from app.models import User
from app.runtime.configuration.settings import ConfigError
from app.runtime.logs import setup
from app.runtime.vault import fingerprint

# Their commands are in the group once they are imported.
_MORE = (creating, inspection, upkeep)
EVENT = '{"type": "encoding.finished", "source": "demo", "payload": {"media_id": "demo"}}'


@commands.command("migrate")
@click.pass_obj
def migrate_command(installation: Installation) -> None:
    """Create or update the database tables, and check SECRET_KEY."""
    from app.services.maintenance import secret_key

    migrate(installation.settings)
    with installation.request_context():
        secret_key.record_or_check()


@commands.command()
@click.pass_obj
def rotate_secret_key(installation: Installation) -> None:
    """Encrypt all stored secrets with SECRET_KEY instead of SECRET_KEY_PREVIOUS.

    Runs while Callboard runs, and can be repeated. First restart every process with both keys.
    """
    from app.services.maintenance import key_rotation

    unreadable = 0
    with installation.request_context():
        for table in key_rotation.rotate():
            unreadable += table.unreadable
            click.echo(
                f"{table.name}: {table.rows} rows examined, {table.resealed} secrets resealed,"
                f" {table.unreadable} unreadable"
            )
    if unreadable:
        click.echo(
            "Unreadable secrets are unchanged: neither SECRET_KEY nor SECRET_KEY_PREVIOUS decrypts"
            " them. If you know an older key, add it to SECRET_KEY_PREVIOUS and repeat."
        )
    current = fingerprint(installation.settings.secret_key)
    click.echo(
        f"The database is encrypted with key {current}. When a repeated run reseals nothing, remove"
        " SECRET_KEY_PREVIOUS and restart every process."
    )


@commands.command()
@click.pass_obj
def first_owner_link(installation: Installation) -> None:
    """Print a one-time sign-in link until the first owner has set up an account."""
    from app.services.accounts import first_run

    with installation.request_context():
        if first_run.remove_stored_key():
            click.echo(
                "Deleted the file demo-key, where an earlier release kept an API key. The key"
                f" {first_run.KEY_NAME!r} stays valid: revoke it under Settings, API keys."
            )
        _print_link(first_run.link_token())


@commands.command()
@click.pass_obj
def demo_curl(installation: Installation) -> None:
    """Print a curl command that posts an event, with a key that is valid for a day.

    Prints nothing once a person has signed in: they create keys on the page.
    """
    from app.services.accounts import first_run

    with installation.request_context():
        key = first_run.demo_key()
    if key:
        url = f"{installation.settings.public_url}/api/v1/events"
        click.echo(
            f"curl {url} -H 'Authorization: Bearer {key}'"
            f" -H 'Content-Type: application/json' -d '{EVENT}'"
        )


@commands.command()
@click.option("--email", default="", help="Email address of the user.")
@click.pass_obj
def sign_in_link(installation: Installation, email: str) -> None:
    """Print a one-time sign-in link for a user."""
    from app.services.sign_in import first_factor

    with installation.request_context():
        _print_link(first_factor.make_link(_user_by_email(email)))


@commands.command()
@click.option("--email", default="", help="Email address of the user.")
@click.pass_obj
def password_reset_link(installation: Installation, email: str) -> None:
    """Print a link with which a user sets a new password, once and within an hour."""
    from app.services.sign_in import link_tokens

    with installation.request_context():
        token = link_tokens.password_reset(_user_by_email(email))
        click.echo(url_for("password_reset.choose", token=token, _external=True))


@commands.command()
@click.option("--email", default="", help="Email address of the user.")
@click.pass_obj
def remove_two_factor(installation: Installation, email: str) -> None:
    """Turn two-factor authentication off for a user without app and recovery codes."""
    from app.services.accounts.actor import SYSTEM
    from app.services.sign_in import two_factor

    with installation.request_context():
        user = _user_by_email(email)
        two_factor.remove(user.id, SYSTEM)
        click.echo(f"{user.email} now signs in without a code.")


@commands.command()
@click.argument("organization_id")
@click.option("--webhooks", metavar="N|default", help="How many webhooks it may have.")
@click.option("--deliveries-per-event", metavar="N|default", help="How many one event may create.")
@click.option("--requests-per-host", metavar="N|default", help="In flight to one host.")
@click.pass_obj
def quotas(installation: Installation, /, organization_id: str, **chosen: str | None) -> None:
    """Show or change an organization's quotas; `default` resets one to the installation's."""
    from app.services.accounts import quotas as service
    from app.services.accounts.actor import SYSTEM

    document = {name: _number(value) for name, value in chosen.items() if value is not None}
    with installation.request_context():
        if document:
            service.choose(organization_id, document, SYSTEM)
        usage = service.usage(organization_id)
    for name, limit in asdict(usage.quotas).items():
        used = {"webhooks": f"{usage.webhooks} used, "}.get(name, "")
        click.echo(f"{name}: {limit} ({used}{'own' if name in usage.own else 'default'})")


def _number(text: str) -> int | str | None:
    if text == "default":
        return None
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else text


@commands.command()
@click.option("--email", required=True, help="Email address of the user.")
@click.option("--remove", is_flag=True, help="Make them an ordinary user again.")
@click.pass_obj
def platform_owner(installation: Installation, email: str, remove: bool) -> None:
    """Make a user a platform owner, who operates this server: the pages below /platform."""
    from app.services.accounts import platform_owners

    with installation.request_context():
        change = platform_owners.revoke if remove else platform_owners.grant
        user = change(check_email(email), COMMAND_LINE)
        word = "is no longer" if remove else "is"
        click.echo(f"{user.email} {word} a platform owner.")


def main(
    arguments: list[str], group: click.Group = commands, name: str = "python -m app.cli"
) -> int:
    """Run the commands; the exit status."""
    try:
        status = group.main(arguments, prog_name=name, standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (ConfigError, CallboardError) as error:
        setup.fail(str(error))
        return 1
    except OperationalError as error:
        setup.fail(f"DATABASE_URL: database unavailable: {error.orig}")
        return 1
    # click returns the status of `Context.exit`.
    return status if isinstance(status, int) else 0


def _user_by_email(email: str) -> User:
    from app.queries.accounts import users as accounts

    user = accounts.user_by_email(check_email(email))
    if user is None:
        raise CallboardError(f"No user has the email address {email!r}.")
    return user


def _print_link(token: str | None) -> None:
    if token:
        click.echo(url_for("auth.link", token=token, _external=True))


if __name__ == "__main__":
    setup.configure("command", quiet=True)
    sys.exit(main(sys.argv[1:]))
