"""The entry point: the commands, and how each ends.

Exit codes: 0 done, 1 refused, 2 wrong usage, 3 the server cannot be reached.
"""

import os
import sys
from collections.abc import Sequence

import click
from click.exceptions import Exit, NoArgsIsHelpError

from callboard._version import __version__
from callboard.cli import (
    completion,
    events,
    inboxes,
    login,
    people,
    replay,
    sending,
    tail,
    trigger,
    verify,
    webhooks,
)
from callboard.cli.deliveries.attempts import attempts
from callboard.cli.deliveries.commands import deliveries
from callboard.cli.deliveries.jobs import jobs
from callboard.cli.importing import transfer
from callboard.cli.listening.command import listen
from callboard.cli.state import NO_ORGANIZATION, State
from callboard.errors import (
    ApiError,
    CallboardError,
    NotFound,
    OrganizationMissing,
    Unauthorized,
    Unavailable,
    Unreachable,
)

REFUSED, USAGE, UNREACHABLE, INTERRUPTED = 1, 2, 3, 130


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="callboard")
@click.option("--profile", envvar="CALLBOARD_PROFILE", help="A profile of `callboard login`.")
@click.option(
    "--organization", envvar="CALLBOARD_ORGANIZATION", help="Its id; needed with a platform key."
)
@click.pass_context
def cli(context: click.Context, profile: str | None, organization: str | None) -> None:
    """Post events to Callboard, and see what became of them.

    CALLBOARD_URL and CALLBOARD_API_KEY override the profile.
    """
    context.obj = State(profile, organization)


for _command in (
    login.login, login.logout, login.profiles, trigger.trigger, listen, events.events,
    deliveries, attempts, jobs, webhooks.webhooks, inboxes.test_inboxes,
    people.members, people.invitations, people.notifications,
    verify.verify, replay.replay,
    transfer.export, transfer.import_, completion.completion,
):  # fmt: skip
    cli.add_command(_command)
for _command in (sending.send, tail.tail):
    events.events.add_command(_command)


def main() -> None:
    if "_CALLBOARD_COMPLETE" in os.environ:
        # Set by the scripts of `callboard completion`; click prints the words.
        cli.main(prog_name="callboard")
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """The exit code. Every error is one line on stderr."""
    try:
        with cli.make_context("callboard", list(arguments)) as context:
            cli.invoke(context)
    except Exit as ended:
        return ended.exit_code
    except NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        return USAGE
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except BrokenPipeError:
        # The reader has had enough. Python must not flush into the pipe on its way out.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (click.ClickException, CallboardError, OSError, ValueError) as error:
        text, code = _explained(error)
        click.secho(f"Error: {' '.join(text.split())}", fg="red", err=True)
        return code
    return 0


def _explained(error: Exception) -> tuple[str, int]:
    """What to print, and the exit code."""
    if isinstance(error, click.UsageError):
        return _usage(error), USAGE
    if isinstance(error, click.ClickException):
        return error.format_message(), error.exit_code
    if isinstance(error, Unreachable | Unavailable):
        return str(error), UNREACHABLE
    if isinstance(error, OrganizationMissing):
        return NO_ORGANIZATION, USAGE
    if isinstance(error, CallboardError):
        return _refusal(error), REFUSED
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename or 'Input or output'}: {error.strerror}", USAGE
    # An empty id, text that is no UTF-8.
    return str(error), USAGE


def _usage(error: click.UsageError) -> str:
    text = error.format_message()
    if error.ctx is None:
        return text
    text = text.removesuffix(".")
    sentence = text if text.endswith("?") else f"{text}."
    return f"{sentence} See: {error.ctx.command_path} --help"


def _refusal(error: CallboardError) -> str:
    if isinstance(error, Unauthorized):
        return "The API key is unknown, expired or revoked. Run: callboard login"
    if isinstance(error, ApiError) and error.errors:
        texts = (
            f"{each.field}: {each.problem} {each.remedy}" if each.field
            else f"{each.problem} {each.remedy}"
            for each in error.errors
        )  # fmt: skip
        return " ".join(texts)
    if isinstance(error, NotFound):
        return f"{str(error).removesuffix('.')}. Check the ID, and the server: callboard profiles"
    if isinstance(error, ApiError) and error.status >= 500:
        return f"{error} (request {error.request_id})"
    return str(error)
