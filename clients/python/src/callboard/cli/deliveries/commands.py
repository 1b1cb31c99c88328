"""`callboard deliveries`."""

from collections.abc import Callable
from typing import Any, cast

import click

from callboard.cli.output import (
    cell,
    json_option,
    note,
    print_fields,
    print_json,
    print_list,
    printable,
)  # fmt: skip
from callboard.cli.state import State, pass_state
from callboard.models import AffectedDeliveries, Attempt, Body, Delivery
from callboard.resources.deliveries import DeliveryFilter

STATES = ("pending", "sending", "retrying", "succeeded", "failed", "cancelled", "skipped")
COLUMNS = (
    "id", "state", "event_type", "webhook_name", "url", "attempt_count", "last_status",
    "last_cause", "created_at",
)  # fmt: skip


def filter_options(command: Callable[..., Any]) -> Callable[..., Any]:
    for option in reversed((
        click.option("--state", type=click.Choice(STATES), multiple=True, help="One or several."),
        click.option("--webhook", "webhook_id", help="The webhook's id."),
        click.option("--event", "event_id", help="The event's id."),
        click.option("--type", "event_type", help="The event type."),
        click.option("--source", help="The event's source."),
        click.option("--status-code", help="Of the last response, such as 503 or 5xx."),
        click.option("--cause", help="The failure reason of the last attempt, such as refused."),
        click.option("--since", help="A time in ISO 8601."),
        click.option("--until", help="A time in ISO 8601."),
        click.option("-q", "--search", "q", help="An id, or text in the payload."),
        click.option("--value", help="An id in the payload, such as an asset's, whole."),
    )):  # fmt: skip
        command = option(command)
    return command


def filter_of(options: dict[str, Any]) -> DeliveryFilter:
    """Of the options that were given."""
    filters = {name: value for name, value in options.items() if value not in (None, ())}
    return cast("DeliveryFilter", filters)


@click.group()
def deliveries() -> None:
    """See what became of events, resend them, cancel them."""


@deliveries.command("list")
@filter_options
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1), help="At most.")
@json_option
@pass_state
def list_(state: State, /, limit: int, as_json: bool, **options: Any) -> None:
    """List deliveries, newest first."""
    rows = state.client.deliveries.list(**filter_of(options)).first(limit)
    print_list(rows, COLUMNS, as_json=as_json)


@deliveries.command()
@click.argument("delivery_id")
@click.option("--body", is_flag=True, help="With the headers and bodies of every attempt.")
@json_option
@pass_state
def show(state: State, delivery_id: str, body: bool, as_json: bool) -> None:
    """Show a delivery and its attempts."""
    delivery = state.client.deliveries.get(delivery_id)
    if as_json:
        print_json(delivery)
        return
    print_fields(delivery, (*COLUMNS, "event_id", "webhook_id", "next_attempt_at", "next_step"))
    for attempt in delivery["attempts"]:
        click.echo()
        print_attempt(attempt, with_bodies=body)


def print_attempt(attempt: Attempt, *, with_bodies: bool = False) -> None:
    color = "green" if attempt["cause"] == "ok" else "red"
    total = attempt["timings"]["total_ms"]
    head = f"Attempt {attempt['number']}  {attempt['started_at']}  {total:.0f} ms"
    click.echo(f"{click.style(head, bold=True)}  {click.style(attempt['explanation'], fg=color)}")
    if attempt["cause"] != "ok":
        click.echo(f"  {attempt['what_to_do']}")
    if not with_bodies:
        return
    request, response = attempt["request"], attempt["response"]
    _print_message(request["request_line"], request["headers"], request["body"])
    if response is not None:
        _print_message(response["status_line"], response["headers"], response["body"])


def _print_message(first_line: str, headers: Any, body: Body | None) -> None:
    click.echo(f"\n  {printable(first_line)}")
    for header in headers:
        click.echo(f"  {printable(header['name'])}: {printable(header['value'])}")
    click.echo()
    if body is None:
        click.echo("  (the body can no longer be reconstructed)")
    else:
        for line in body["text"].splitlines():
            click.echo(f"  {printable(line)}")


def _act(
    single: Callable[[str], Delivery],
    many: Callable[..., AffectedDeliveries],
    done: str,
    ids: tuple[str, ...],
    dry_run: bool,
    as_json: bool,
    options: dict[str, Any],
) -> None:
    """By ids or by filters, not both."""
    filters = filter_of(options)
    if bool(ids) == bool(filters):
        raise click.UsageError("Give ids of deliveries, or at least one filter such as --webhook.")
    if ids and dry_run:
        raise click.UsageError("--dry-run counts by filters: leave the ids out.")
    if filters:
        result = many(dry_run=dry_run, **filters)
        verb = "Would be" if dry_run else "Being"
        print_json(result) if as_json else note(f"{verb} {done}: {result['count']} deliveries.")
        return
    for delivery_id in ids:
        delivery = single(delivery_id)
        if as_json:
            print_json(delivery)
        else:
            click.echo(f"{delivery['id']}  {cell(delivery['state'])}")


ids_argument = click.argument("ids", nargs=-1, metavar="[ID]...")
dry_run_option = click.option("--dry-run", is_flag=True, help="Only count.")


@deliveries.command()
@ids_argument
@filter_options
@dry_run_option
@json_option
@pass_state
def resend(
    state: State, /, ids: tuple[str, ...], dry_run: bool, as_json: bool, **options: Any
) -> None:
    """Resend deliveries by id, or all that match the filters.

    By filters without --state: those that failed, were cancelled or skipped.
    """
    resource = state.client.deliveries
    _act(resource.resend, resource.resend_all, "resent", ids, dry_run, as_json, options)


@deliveries.command()
@ids_argument
@filter_options
@dry_run_option
@json_option
@pass_state
def cancel(
    state: State, /, ids: tuple[str, ...], dry_run: bool, as_json: bool, **options: Any
) -> None:
    """Cancel deliveries by id, or all that match the filters and have not ended."""
    resource = state.client.deliveries
    _act(resource.cancel, resource.cancel_all, "cancelled", ids, dry_run, as_json, options)
