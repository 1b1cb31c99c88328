"""`callboard webhooks`."""

import json
from collections.abc import Callable
from typing import Any

import click

from callboard.cli import inputs
from callboard.cli.deliveries.commands import print_attempt
from callboard.cli.output import json_option, note, print_fields, print_json, print_list
from callboard.cli.state import State, pass_state
from callboard.errors import CallboardError
from callboard.models import Webhook, WebhookSettings

COLUMNS = ("id", "state", "name", "url", "event_types", "preset")


def settings_options(command: Callable[..., Any]) -> Callable[..., Any]:
    for option in reversed((
        click.option("--name"),
        click.option("--description"),
        click.option("--event-types", help="Separated by commas; `all` for all."),
        click.option("--sources", help="Separated by commas; `all` for all."),
        click.option("--filter", help="A JMESPath expression."),
        click.option("--preset", help="standard, form_callback, live_channel, asset, render ..."),
        click.option("--header", multiple=True, help="NAME: VALUE, several times."),
        click.option("--signing", type=click.Choice(["v1", "v1a", "none"])),
        click.option("--timeout", "timeout_seconds", type=float, help="Seconds per attempt."),
        click.option("--set", "fields", multiple=True, help="Any FIELD=VALUE of the API; JSON."),
        click.option("--data", help="Settings as a JSON object, @FILE, or -."),
    )):  # fmt: skip
        command = option(command)
    return command


def _settings(options: dict[str, Any]) -> WebhookSettings:
    """--data first, then the options, then --set."""
    changes = {name: value for name, value in options.items() if value not in (None, ())}
    settings = inputs.json_object(changes.pop("data"), "--data") if "data" in changes else {}
    for name in ("event_types", "sources"):
        if name in changes:
            words = inputs.comma_list(changes[name])
            changes[name] = None if words == ["all"] else words
    if "header" in changes:
        changes["headers"] = inputs.pairs(changes.pop("header"), ":", "--header")
    fields = inputs.pairs(changes.pop("fields", ()), "=", "--set")
    settings |= changes | {name: _value(text) for name, text in fields.items()}
    return settings  # type: ignore[return-value]


def _value(text: str) -> Any:
    """JSON where it is JSON: numbers, true, null, lists, objects; else the text."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def _show(webhook: Webhook, as_json: bool) -> None:
    if as_json:
        print_json(webhook)
    else:
        print_fields(webhook)


@click.group()
def webhooks() -> None:
    """Register webhooks and change them."""


@webhooks.command("list")
@click.option("-q", "--search", help="Text in the name or the URL, or an id.")
@click.option("--include-once", is_flag=True, help="One-time webhooks as well.")
@click.option("--limit", default=200, show_default=True, type=click.IntRange(1), help="At most.")
@json_option
@pass_state
def list_(state: State, search: str | None, include_once: bool, limit: int, as_json: bool) -> None:
    """List webhooks, newest first."""
    pages = state.client.webhooks.list(q=search, include_once=include_once)
    print_list(pages.first(limit), COLUMNS, as_json=as_json)


@webhooks.command()
@click.argument("webhook_id")
@click.option("--secret", is_flag=True, help="Only its signing secret.")
@json_option
@pass_state
def show(state: State, webhook_id: str, secret: bool, as_json: bool) -> None:
    """Show a webhook."""
    if secret:
        _print_secret(state.client.webhooks.secret(webhook_id), as_json)
    else:
        _show(state.client.webhooks.get(webhook_id), as_json)


@webhooks.command()
@click.argument("url")
@settings_options
@json_option
@pass_state
def create(state: State, /, url: str, as_json: bool, **options: Any) -> None:
    """Register a webhook at URL. Settings that are left out come from its preset."""
    settings = WebhookSettings(**(_settings(options) | {"url": url}))
    _show(state.client.webhooks.create(**settings), as_json)


@webhooks.command()
@click.argument("webhook_id")
@click.option("--url")
@settings_options
@json_option
@pass_state
def update(state: State, /, webhook_id: str, as_json: bool, **options: Any) -> None:
    """Change the settings of a webhook that the options name."""
    settings = _settings(options)
    if not settings:
        raise click.UsageError("Nothing to change: add an option, such as --url. See --help.")
    _show(state.client.webhooks.update(webhook_id, **settings), as_json)


@webhooks.command()
@click.argument("webhook_id")
@click.option("--yes", is_flag=True, help="Do not ask.")
@pass_state
def delete(state: State, webhook_id: str, yes: bool) -> None:
    """Delete a webhook, and cancel its deliveries."""
    if not yes:
        webhook = state.client.webhooks.get(webhook_id)
        inputs.confirm(f"Delete the webhook at {webhook['url']}?")
    state.client.webhooks.delete(webhook_id)
    note("Deleted.")


@webhooks.command()
@click.argument("webhook_id")
@json_option
@pass_state
def pause(state: State, webhook_id: str, as_json: bool) -> None:
    """Hold what is queued; events in the meantime are skipped."""
    _show(state.client.webhooks.pause(webhook_id), as_json)


@webhooks.command()
@click.argument("webhook_id")
@json_option
@pass_state
def resume(state: State, webhook_id: str, as_json: bool) -> None:
    """Send again, beginning with what is queued."""
    _show(state.client.webhooks.resume(webhook_id), as_json)


@webhooks.command("rotate-secret")
@click.argument("webhook_id")
@click.option("--overlap", type=int, help="Seconds that the old secret signs too [default: a day].")
@json_option
@pass_state
def rotate_secret(state: State, webhook_id: str, overlap: int | None, as_json: bool) -> None:
    """Replace the signing secret, and print the new one."""
    secret = state.client.webhooks.rotate_secret(webhook_id, overlap_seconds=overlap)
    _print_secret(secret, as_json)


@webhooks.command("end-secret-overlap")
@click.argument("webhook_id")
@pass_state
def end_secret_overlap(state: State, webhook_id: str) -> None:
    """Revoke the previous signing secret now, before its time is over."""
    state.client.webhooks.end_secret_overlap(webhook_id)
    note("Previous secret revoked.")


@webhooks.command()
@click.argument("webhook_id")
@json_option
@pass_state
def test(state: State, webhook_id: str, as_json: bool) -> None:
    """Send a sample event now. Exit code 1 if the receiver did not accept it."""
    result = state.client.webhooks.test(webhook_id)
    if as_json:
        print_json(result)
    else:
        print_attempt(result["attempt"], with_bodies=True)
    if not result["succeeded"]:
        raise CallboardError("The receiver did not accept the sample event.")


def _print_secret(secret: str, as_json: bool) -> None:
    if as_json:
        print_json({"secret": secret})
    else:
        click.echo(secret)
