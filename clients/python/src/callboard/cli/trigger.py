"""One event, by hand."""

import click

from callboard.batches import EventFields
from callboard.cli.inputs import json_object
from callboard.cli.output import json_option, note, print_json, print_table
from callboard.cli.state import State, pass_state
from callboard.errors import NotFound


@click.command()
@click.argument("event_type", metavar="TYPE")
@click.option("--data", help="The payload: a JSON object, @FILE, or - for standard input.")
@click.option("--source", help="The object that it is about.")
@click.option("--id", "event_id", help="An id of your own, which makes a repeat harmless.")
@click.option("--ordering-key", help="For webhooks with ordered delivery.")
@json_option
@pass_state
def trigger(
    state: State,
    event_type: str,
    data: str | None,
    source: str | None,
    event_id: str | None,
    ordering_key: str | None,
    as_json: bool,
) -> None:
    """Post an event of TYPE. Without --data its payload is the sample in the catalogue, or {}."""
    payload = _sample(state, event_type) if data is None else json_object(data, "--data")
    options = {"id": event_id, "source": source, "ordering_key": ordering_key}
    fields = EventFields(**{n: v for n, v in options.items() if v is not None})  # type: ignore[typeddict-item]
    event = state.client.events.create(event_type, payload, **fields)
    if as_json:
        print_json(event)
        return
    again = " It had been accepted before." if event["duplicate"] else ""
    note(f"Accepted.{again} Deliveries: {len(event['deliveries'])}")
    click.echo(event["id"])
    if event["deliveries"]:
        print_table(event["deliveries"], ("id", "state", "webhook_id"))


def _sample(state: State, event_type: str) -> dict[str, object]:
    try:
        return state.client.event_types.get(event_type)["sample"] or {}
    except NotFound:
        return {}
