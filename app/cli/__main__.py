"""`python -m app.cli migrate first-owner-link demo-curl`: one or more commands, in order."""

import argparse
import sys

from flask import Flask, url_for
from sqlalchemy.exc import OperationalError

from app import create_app
from app.cli.migrate import migrate
from app.domain.accounts.fields import check_email
from app.domain.common.errors import CallboardError
from app.models.base import db
from app.runtime.settings import ConfigError, Settings, load_settings

COMMANDS = {
    "migrate": "create the tables, or bring them to the newest shape",
    "first-owner-link": "print a one-time sign-in link, until the first owner has settled in",
    "demo-curl": "print a curl line that posts an event with a key that works",
    "sign-in-link": "print a one-time sign-in link for the person with --email",
}
BODY = '{"type": "encoding.finished", "source": "demo", "payload": {"media_id": "demo"}}'


def main(arguments: list[str]) -> int:
    given = _parser().parse_args(arguments)
    try:
        settings = load_settings()
        # The tables come first, since the application looks at them.
        if "migrate" in given.commands:
            migrate(settings)
        others = [command for command in given.commands if command != "migrate"]
        if others:
            _run(create_app(settings), settings, others, given.email)
    except (ConfigError, CallboardError) as error:
        print(error, file=sys.stderr)
        return 1
    except OperationalError as error:
        print(f"DATABASE_URL: the database cannot be used: {error.orig}", file=sys.stderr)
        return 1
    return 0


def _run(app: Flask, settings: Settings, commands: list[str], email: str) -> None:
    with app.test_request_context(base_url=settings.public_url):
        for command in commands:
            line = _line(command, settings, email)
            if line:
                print(line)
        db.session.remove()
        db.engine.dispose()


def _line(command: str, settings: Settings, email: str) -> str | None:
    from app.services.accounts import first_run

    if command == "first-owner-link":
        return _link(first_run.link_token())
    if command == "sign-in-link":
        return _link(_token_for(email))
    key = first_run.demo_key()
    return key and (
        f"curl {settings.public_url}/api/v1/events -H 'Authorization: Bearer {key}'"
        f" -H 'Content-Type: application/json' -d '{BODY}'"
    )


def _link(token: str | None) -> str | None:
    return token and url_for("auth.link", token=token, _external=True)


def _token_for(email: str) -> str:
    from app.queries import accounts
    from app.services.accounts import sign_in

    user = accounts.user_by_email(check_email(email))
    if user is None:
        raise CallboardError(f"Nobody here has the address {email!r}.")
    return sign_in.make_link(user)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m app.cli",
        description="Commands of a Callboard installation; settings come from the environment.",
        epilog="\n".join(f"{name:18} {words}" for name, words in COMMANDS.items()),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("commands", nargs="+", choices=COMMANDS, metavar="command")
    parser.add_argument("--email", default="", help="whose link sign-in-link prints")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
