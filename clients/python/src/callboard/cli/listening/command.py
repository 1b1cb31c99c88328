"""`callboard listen`: real callbacks on this machine."""

import signal
import socket
import time
from typing import Any
from urllib.parse import urlsplit

import click

from callboard.cli import profiles
from callboard.cli.listening.forwarding import LONGEST_SECONDS, Forwarder, Outcome
from callboard.cli.listening.session import Session
from callboard.cli.output import json_option, note, print_json, printable
from callboard.cli.state import State, pass_state
from callboard.models import Callback, ListenerSettings

_EXCERPT_LINES, _EXCERPT_COLUMNS = 3, 160


@click.command()
@click.option("--forward-to", metavar="URL", required=True, help="Of your receiver.")
@click.option(
    "--event-types",
    multiple=True,
    metavar="TYPES",
    help="Only these, separated by commas; may be patterns such as encoding.*. Default: all.",
)
@click.option("--source", "sources", multiple=True, help="Only events of this source.")
@click.option("--preset", help="What the callbacks look like, as of a webhook.")
@click.option(
    "--secret",
    envvar="CALLBOARD_LISTEN_SECRET",
    help="whsec_... that signs the callbacks. Default: one of this machine's, always the same.",
)
@click.option(
    "--timeout",
    type=click.FloatRange(0.1, LONGEST_SECONDS),
    default=LONGEST_SECONDS,
    show_default=True,
    help="Seconds that the receiver may take.",
)
@click.option("--skip-tls-verify", is_flag=True, help="Accept any certificate of the receiver.")
@json_option
@pass_state
def listen(
    state: State,
    forward_to: str,
    event_types: tuple[str, ...],
    sources: tuple[str, ...],
    preset: str | None,
    secret: str | None,
    timeout: float,
    skip_tls_verify: bool,
    as_json: bool,
) -> None:
    """Get callbacks on this machine, although the server cannot reach it.

    Each event that matches is sent to your receiver, signed as for a webhook, and its response is
    recorded on the server. Ctrl-C ends it and leaves nothing behind.

    \b
        callboard listen --forward-to http://localhost:3000/hook
        callboard trigger encoding.finished     # in another terminal
    """
    types = [each.strip() for text in event_types for each in text.split(",") if each.strip()]
    forwarder = Forwarder(_checked(forward_to), timeout, verifies_tls=not skip_tls_verify)
    client = state.client
    settings = _settings(types, sources, preset)
    settings["secret"] = secret or profiles.listen_secret(client.url)
    session = Session(client, settings, forwarder, _print_json if as_json else _print)
    for name in ("SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), _interrupt)
    try:
        listener = session.start()
        chosen = ", ".join(types) if types else "all event types"
        note(f"Listening for {chosen}, forwarding to {forwarder.url}. Ctrl-C ends it.")
        note(f"Signing secret: {listener['secret']}")
        session.run()
    except KeyboardInterrupt:
        note("")
    finally:
        session.end()


def _settings(types: list[str], sources: tuple[str, ...], preset: str | None) -> ListenerSettings:
    settings = ListenerSettings(name=f"callboard listen on {socket.gethostname()}"[:200])
    if types:
        settings["event_types"] = types
    if sources:
        settings["sources"] = list(sources)
    if preset:
        settings["preset"] = preset
    return settings


def _interrupt(*_: Any) -> None:
    raise KeyboardInterrupt


def _checked(url: str) -> str:
    """With http:// if it has no scheme. UsageError."""
    url = url if "://" in url else f"http://{url}"
    try:
        parts = urlsplit(url)
        is_valid = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        is_valid = False
    if not is_valid:
        raise click.UsageError(f"{url} is not a URL such as http://localhost:3000/hook.")
    return url


def _print(callback: Callback, outcome: Outcome) -> None:
    """A line for each callback; of one that was not accepted also what the receiver said."""
    color = "green" if outcome.is_accepted else "red"
    if outcome.status is not None and 300 <= outcome.status < 500:
        color = "yellow"
    status = "no response" if outcome.status is None else f"{outcome.status} {outcome.reason}"
    parts = [
        time.strftime("%H:%M:%S"),
        printable(callback["event_type"] or callback["method"]),
        click.style(printable(status), fg=color, bold=True),
        f"{outcome.seconds * 1000:.0f} ms",
        callback["delivery_id"] or "",
    ]
    if (callback["attempt"] or 1) > 1:
        parts.append(f"attempt {callback['attempt']}")
    click.echo("  ".join(parts))
    if not outcome.is_accepted:
        lines = (outcome.error or outcome.excerpt).strip().splitlines()
        for line in lines[:_EXCERPT_LINES]:
            click.echo(f"          {printable(line)[:_EXCERPT_COLUMNS]}")


def _print_json(callback: Callback, outcome: Outcome) -> None:
    names = ("id", "delivery_id", "event_type", "attempt")
    fields: dict[str, Any] = {name: callback[name] for name in names}  # type: ignore[literal-required]
    fields |= {"status": outcome.status, "error": outcome.error or None}
    print_json(fields | {"milliseconds": round(outcome.seconds * 1000)})
