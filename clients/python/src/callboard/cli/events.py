"""`callboard events`: list and show; send and tail have modules of their own."""

import click

from callboard.cli.output import (
    json_option,
    note,
    print_fields,
    print_json,
    print_list,
    print_table,
)  # fmt: skip
from callboard.cli.state import State, pass_state
from callboard.models import Event

COLUMNS = ("id", "type", "source", "created_at")


@click.group()
def events() -> None:
    """Send events, list them, follow them."""


@events.command("list")
@click.option("--type", "event_type", help="The event type.")
@click.option("--source", help="The source.")
@click.option("--since", help="A time in ISO 8601.")
@click.option("--until", help="A time in ISO 8601.")
@click.option("-q", "--search", help="An id, or text in the payload.")
@click.option("--value", help="An id in the payload, such as an asset's, whole.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1), help="At most.")
@json_option
@pass_state
def list_(
    state: State,
    event_type: str | None,
    source: str | None,
    since: str | None,
    until: str | None,
    search: str | None,
    value: str | None,
    limit: int,
    as_json: bool,
) -> None:
    """List events, newest first."""
    pages = state.client.events.list(
        event_type=event_type, source=source, since=since, until=until, q=search, value=value
    )
    print_list(pages.first(limit), COLUMNS, as_json=as_json)


@events.command()
@click.argument("event_id")
@json_option
@pass_state
def show(state: State, event_id: str, as_json: bool) -> None:
    """Show an event, its deliveries, and why other webhooks did not match."""
    event = state.client.events.get(event_id)
    if as_json:
        print_json(event)
        return
    print_event(event)


def print_event(event: Event) -> None:
    print_fields(event, (*COLUMNS, "occurred_at", "producer_id", "payload"))
    if event["payload_expired"]:
        note("The payload has expired.")
    if event["deliveries"]:
        click.echo()
        print_table(
            event["deliveries"],
            ("id", "state", "webhook_name", "url", "attempt_count", "last_status"),
        )
    if event["not_chosen"]:
        click.echo()
        print_table(event["not_chosen"], ("webhook_id", "webhook_name", "reason", "detail"))
