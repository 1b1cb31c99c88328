"""`callboard export` and `callboard import`: an organization's webhooks and event types."""

import json
import os
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import click

from callboard.cli import inputs
from callboard.cli.importing.svix import svix
from callboard.cli.output import json_option, note, print_json
from callboard.cli.state import State, pass_state
from callboard.client import Callboard
from callboard.errors import CallboardError
from callboard.models import EventType, Webhook, WebhookSettings

FORMAT = "callboard-export"
VERSION = 1
SECRETS = (
    *("api_key", "secret_token", "secret_headers", "authentication", "secret"),
    # No API shows its key.
    "client_certificate",
)
# A webhook's fields that can be set, in the order of the file.
SETTINGS = tuple(name for name in WebhookSettings.__annotations__ if name not in SECRETS)
TYPE_FIELDS = ("description", "sample", "schema")


@click.command()
@click.argument("file", default="-")
@click.option(
    "--with-secrets",
    is_flag=True,
    help="With signing secrets, API keys, tokens, secret headers and authentication.",
)
@pass_state
def export(state: State, file: str, with_secrets: bool) -> None:
    """Write all webhooks and event types to FILE (default: standard output).

    Secrets are left out unless you ask for them; the file is readable by you alone then.
    """
    client = state.client
    document: dict[str, Any] = {
        "format": FORMAT,
        "version": VERSION,
        "exported_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "url": client.url,
        "event_types": [_type(client, each["name"]) for each in client.event_types.list()],
        "webhooks": [_webhook(client, each["id"], with_secrets) for each in _oldest_first(client)],
    }
    text = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    if file == "-":
        sys.stdout.write(text)
        return
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as output:
        os.fchmod(output.fileno(), 0o600)
        output.write(text)
    types, webhooks = len(document["event_types"]), len(document["webhooks"])
    note(f"Exported {webhooks} webhooks and {types} event types to {file}.")


def _oldest_first(client: Callboard) -> list[Any]:
    """Imported in this order, their order is kept."""
    return list(client.webhooks.list())[::-1]


def _type(client: Callboard, name: str) -> dict[str, Any]:
    return {"name": name} | _described(client.event_types.get(name))


def _described(event_type: EventType) -> dict[str, Any]:
    return {field: event_type.get(field) for field in TYPE_FIELDS}


def _webhook(client: Callboard, webhook_id: str, with_secrets: bool) -> dict[str, Any]:
    webhook = client.webhooks.get(webhook_id)
    settings = {name: webhook[name] for name in SETTINGS if name in webhook}  # type: ignore[literal-required]
    if with_secrets:
        settings |= _secrets(client, webhook)
    return settings


def _secrets(client: Callboard, webhook: Webhook) -> dict[str, Any]:
    secrets: dict[str, Any] = {
        "api_key": webhook["api_key"],
        "secret_token": webhook["secret_token"],
        "secret": client.webhooks.secret(webhook["id"]),
    }
    # An older server has none, and would refuse the fields.
    for name in ("secret_headers", "authentication"):
        if name in webhook:
            secrets[name] = webhook[name]
    return secrets


class _FileOrService(click.Group):
    """What follows is the name of a service, or a file."""

    def resolve_command(
        self, context: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] in self.commands:
            return super().resolve_command(context, args)
        return "file", self.commands["file"], args


@click.group(
    "import",
    cls=_FileOrService,
    # Options may come before the file.
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False},
)
def import_() -> None:
    """Take over an organization: from a FILE of `callboard export`, or from Svix.

    \b
        callboard import all.json
        callboard import svix --app app_2xyz
    """


import_.add_command(svix)


@import_.command("file")
@click.argument("file")
@click.option("--dry-run", is_flag=True, help="Only tell what would change.")
@json_option
@pass_state
def import_file(state: State, file: str, dry_run: bool, as_json: bool) -> None:
    """Create or update what FILE, written by `export`, describes.

    A webhook with the same URL and name is updated; nothing is deleted. Importing the same file
    again changes nothing.
    """
    document = _read(file)
    client = state.client
    changes = [
        *_import_types(client, document["event_types"], dry_run),
        *_import_webhooks(client, document["webhooks"], dry_run),
    ]
    if as_json:
        for kind, name, change in changes:
            print_json({"kind": kind, "name": name, "change": change})
        return
    for kind, name, change in changes:
        if change != "unchanged":
            click.echo(f"{change:9}  {kind}  {name}")
    counts = Counter(change for _, _, change in changes)
    counted = ", ".join(f"{counts[name]} {name}" for name in ("created", "updated", "unchanged"))
    note(f"{'Would be: ' if dry_run else ''}{counted}.")


def _read(file: str) -> dict[str, Any]:
    with inputs.opened(file) as source:
        content = source.read()
    try:
        document = inputs.parse_json(content)
    except ValueError as error:
        raise CallboardError(f"{file} is not JSON: {error}") from None
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise CallboardError(f"{file} was not written by `callboard export`.")
    if document.get("version") != VERSION:
        raise CallboardError(f"{file} is of a newer version. Update this package.")
    for name in ("event_types", "webhooks"):
        entries = document.get(name)
        if not isinstance(entries, list) or not all(isinstance(each, dict) for each in entries):
            raise CallboardError(f"{file}: `{name}` is not a list of objects.")
    for settings in document["webhooks"]:
        if unknown := settings.keys() - {*SETTINGS, *SECRETS}:
            raise CallboardError(f"{file}: a webhook has the unknown field {min(unknown)}.")
    return document


Change = tuple[str, str, str]


def _import_types(client: Callboard, types: list[Any], dry_run: bool) -> Iterator[Change]:
    known = {each["name"] for each in client.event_types.list()}
    for entry in types:
        name = str(entry.get("name"))
        description = {field: entry.get(field) for field in TYPE_FIELDS}
        is_new = name not in known
        if not is_new and _described(client.event_types.get(name)) == description:
            yield "event type", name, "unchanged"
            continue
        if not dry_run:
            client.event_types.put(name, **description)
        yield "event type", name, "created" if is_new else "updated"


def _import_webhooks(client: Callboard, webhooks: list[Any], dry_run: bool) -> Iterator[Change]:
    known: dict[tuple[Any, Any], list[str]] = defaultdict(list)
    for each in _oldest_first(client):
        known[each["url"], each["name"]].append(each["id"])
    for settings in webhooks:
        label = f"{settings.get('url')} {settings.get('name') or ''}".strip()
        ids = known[settings.get("url"), settings.get("name")]
        if not ids:
            if not dry_run:
                client.webhooks.create(**settings)
            yield "webhook", label, "created"
            continue
        webhook_id = ids.pop(0)
        now = _webhook(client, webhook_id, with_secrets="secret" in settings)
        changed = {name: value for name, value in settings.items() if now.get(name) != value}
        if changed and not dry_run:
            client.webhooks.update(webhook_id, **changed)
        yield "webhook", label, "updated" if changed else "unchanged"
