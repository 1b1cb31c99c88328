"""`callboard test-inboxes`."""

from typing import Any, cast

import click

from callboard.cli.output import json_option, note, print_fields, print_json, print_list
from callboard.cli.state import State, pass_state
from callboard.models import TestInbox, TestInboxSettings

COLUMNS = ("id", "name", "url", "status", "received", "last_received_at")
REQUEST_COLUMNS = (
    "id", "received_at", "method", "event_type", "bytes", "signature", "status",
)  # fmt: skip


@click.group("test-inboxes")
def test_inboxes() -> None:
    """Receivers inside Callboard, to see what a webhook sends."""


@test_inboxes.command("list")
@json_option
@pass_state
def list_(state: State, as_json: bool) -> None:
    """List test inboxes, newest first."""
    print_list(state.client.test_inboxes.list(), COLUMNS, as_json=as_json)


@test_inboxes.command()
@click.option("--name")
@click.option("--status", type=int, help="Of the response, 200 to 599 [default: 200].")
@click.option("--delay", "delay_seconds", type=float, help="Seconds before the response.")
@click.option("--failures", "failure_percent", type=int, help="Percent that get 503 instead.")
@json_option
@pass_state
def create(state: State, /, as_json: bool, **options: Any) -> None:
    """Create a test inbox, and print its URL."""
    settings = {name: value for name, value in options.items() if value is not None}
    _show(state.client.test_inboxes.create(**cast("TestInboxSettings", settings)), as_json)


@test_inboxes.command()
@click.argument("inbox_id")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1), help="At most.")
@json_option
@pass_state
def requests(state: State, inbox_id: str, limit: int, as_json: bool) -> None:
    """List the requests that it received, newest first."""
    rows = state.client.test_inboxes.requests(inbox_id).first(limit)
    print_list(rows, REQUEST_COLUMNS, as_json=as_json)


@test_inboxes.command()
@click.argument("inbox_id")
@pass_state
def delete(state: State, inbox_id: str) -> None:
    """Delete a test inbox with its requests."""
    state.client.test_inboxes.delete(inbox_id)
    note("Deleted.")


def _show(inbox: TestInbox, as_json: bool) -> None:
    if as_json:
        print_json(inbox)
    else:
        print_fields(inbox)
