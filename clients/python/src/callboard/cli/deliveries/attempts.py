"""`callboard attempts`."""

from collections.abc import Callable
from typing import Any, cast

import click

from callboard.cli.deliveries.commands import print_attempt
from callboard.cli.output import json_option, print_json, print_list
from callboard.cli.state import State, pass_state
from callboard.resources.attempts import AttemptFilter

COLUMNS = (
    "started_at", "delivery_id", "number", "event_type", "url", "status", "cause", "explanation",
)  # fmt: skip


def filter_options(command: Callable[..., Any]) -> Callable[..., Any]:
    for option in reversed((
        click.option("--webhook", "webhook_id", help="The webhook's id."),
        click.option("--event", "event_id", help="The event's id."),
        click.option("--delivery", "delivery_id", help="The delivery's id."),
        click.option("--type", "event_type", help="The event type."),
        click.option("--source", help="The event's source."),
        click.option("--outcome", type=click.Choice(["succeeded", "failed"])),
        click.option("--status-code", help="Of the response, such as 503 or 5xx."),
        click.option("--cause", help="The failure reason, such as refused."),
        click.option("--since", help="A time in ISO 8601."),
        click.option("--until", help="A time in ISO 8601."),
    )):  # fmt: skip
        command = option(command)
    return command


@click.group()
def attempts() -> None:
    """See each request that was sent to a webhook."""


@attempts.command("list")
@filter_options
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1), help="At most.")
@json_option
@pass_state
def list_(state: State, /, limit: int, as_json: bool, **options: Any) -> None:
    """List attempts, those of the newest delivery first."""
    filters = {name: value for name, value in options.items() if value is not None}
    pages = state.client.attempts.list(**cast("AttemptFilter", filters))
    print_list(pages.first(limit), COLUMNS, as_json=as_json)


@attempts.command()
@click.argument("delivery_id")
@click.argument("number", type=click.IntRange(1))
@json_option
@pass_state
def show(state: State, delivery_id: str, number: int, as_json: bool) -> None:
    """Show an attempt with its request and response."""
    attempt = state.client.attempts.get(delivery_id, number)
    if as_json:
        print_json(attempt)
    else:
        print_attempt(attempt, with_bodies=True)
