"""`callboard events send`: events from a file or standard input, resumed after an interruption."""

import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from callboard import batches, ndjson
from callboard.cli import inputs
from callboard.cli.checkpoint import Checkpoint
from callboard.cli.output import json_option, note, print_json
from callboard.cli.state import State, pass_state
from callboard.client import Callboard
from callboard.errors import CallboardError
from callboard.ndjson import BrokenLine


@dataclass(slots=True)
class Total:
    accepted: int = 0
    duplicates: int = 0

    def add(self, progress: ndjson.Progress) -> None:
        self.accepted += progress.accepted
        self.duplicates += progress.duplicates


@click.command()
@click.argument("file", default="-")
@click.option(
    "--format",
    "form",
    type=click.Choice(["auto", "ndjson", "json"]),
    default="auto",
    help="ndjson: one event per line. json: one event, or a list. auto: json for *.json.",
)
@click.option("--batch-size", default=500, show_default=True, type=click.IntRange(1, 1000))
@click.option("--key", help="Names what is sent: the same again under it creates nothing twice.")
@click.option("--restart", is_flag=True, help="Send all of FILE, although a part was sent before.")
@click.option("--progress-file", type=click.Path(), help="Default: FILE.progress")
@json_option
@pass_state
def send(
    state: State,
    file: str,
    form: str,
    batch_size: int,
    key: str | None,
    restart: bool,
    progress_file: str | None,
    as_json: bool,
) -> None:
    """Send the events in FILE (default: standard input).

    An event is {"type": ..., "payload": {...}} and may have id, source, occurred_at, ordering_key
    and callback. After an interruption the same command goes on where it stopped: no event is
    created twice. Standard input cannot be resumed, but with --key it can be sent again.
    """
    client = state.client
    name = "standard input" if file == "-" else file
    if form == "auto":
        form = "json" if file.endswith(".json") else "ndjson"
    if form == "json":
        lines = _events_of_json(file)
        total = _send_all(name, client.events.send_ndjson(lines, key=key, batch_size=batch_size))
    elif file == "-":
        with inputs.opened(file) as source:
            steps = client.events.send_ndjson(source, key=key, batch_size=batch_size)
            total = _send_all(name, steps)
    else:
        path = Path(progress_file or f"{file}.progress")
        total = _send_file(
            client, Path(file), Checkpoint.at(path, restart=restart), key, batch_size
        )
    if as_json:
        print_json({"accepted": total.accepted, "duplicates": total.duplicates})
    else:
        before = f" ({total.duplicates} had been accepted before)" if total.duplicates else ""
        note(f"Events sent: {total.accepted + total.duplicates}{before}")


def _send_file(
    client: Callboard, path: Path, checkpoint: Checkpoint, key: str | None, batch_size: int
) -> Total:
    total = Total()
    with inputs.opened(str(path)) as file:
        start = checkpoint.begin(path, client.url, key)
        if start.lines:
            note(f"Going on behind line {start.lines}.")
        file.seek(start.end)
        steps = ndjson.send(
            client.transport,
            file,
            key=start.key,
            batch_size=batch_size,
            first_line=start.lines + 1,
        )
        with click.progressbar(
            length=path.stat().st_size,
            label="Sending",
            file=sys.stderr,
            hidden=not sys.stderr.isatty(),
        ) as bar:
            bar.update(start.end)
            try:
                for progress in steps:
                    end = start.end + progress.end
                    checkpoint.advance(progress.lines, end)
                    bar.update(end - bar.pos)
                    total.add(progress)
            except BrokenLine as error:
                raise CallboardError(
                    f"{path}, {error} (sent up to line {checkpoint.lines}; fix this line, then run"
                    " the same command to go on)"
                ) from error
    checkpoint.finish()
    return total


def _send_all(name: str, steps: Iterable[ndjson.Progress]) -> Total:
    total = Total()
    is_shown = sys.stderr.isatty()
    try:
        for progress in steps:
            total.add(progress)
            if is_shown:
                click.echo(f"\r{total.accepted + total.duplicates} events", nl=False, err=True)
    except BrokenLine as error:
        sent = total.accepted + total.duplicates
        raise CallboardError(f"{name}, {error} ({sent} events before it were sent)") from error
    if is_shown:
        note("")
    return total


def _events_of_json(file: str) -> list[bytes]:
    """Each event of the document as a line."""
    with inputs.opened(file) as source:
        content = source.read()
    name = "standard input" if file == "-" else file
    try:
        document: Any = inputs.parse_json(content)
    except ValueError as error:
        hint = " For one event per line say --format ndjson."
        raise CallboardError(f"{name} is not JSON: {error}.{hint}") from None
    events = document if isinstance(document, list) else [document]
    return [batches.encode(event) if isinstance(event, dict) else b"0" for event in events]
