"""`callboard import svix`."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import click

from callboard.cli.importing import svix_mapping
from callboard.cli.importing.svix_api import SvixApi, url_of
from callboard.cli.output import json_option, note, print_json, print_table
from callboard.cli.state import State, pass_state
from callboard.client import Callboard
from callboard.errors import CallboardError, Conflict, Invalid
from callboard.models import Organization, Webhook

COLUMNS = ("kind", "svix", "name", "change", "not_carried")
Row = dict[str, Any]
# A uid that Callboard refuses, because it could be one of its own IDs: the application's ID at
# another Callboard, or a UUID of the customer's. Prefixes keep customers apart: `prod_`, `test_`.
OUR_ID = re.compile(r"(?:(.*)_)?([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})", re.IGNORECASE)


@click.command("svix")
@click.option("--token", envvar="SVIX_TOKEN", help="Of the environment; better in SVIX_TOKEN.")
@click.option("--url", envvar="SVIX_SERVER_URL", help="Default: of the token's region.")
@click.option("--app", "app_id", help="The application, by ID or uid. Default: the only one.")
@click.option(
    "--all-apps", is_flag=True, help="Each application becomes an organization; platform key."
)
@click.option("--dry-run", is_flag=True, help="Only tell what would change.")
@json_option
@pass_state
def svix(
    state: State,
    token: str | None,
    url: str | None,
    app_id: str | None,
    all_apps: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Take over endpoints and event types from Svix.

    Endpoints become webhooks with the preset svix and their own secrets, so receivers need no
    change. Nothing is deleted, and nothing is changed at Svix. Run it again to follow changes.

    \b
        SVIX_TOKEN=sk_... callboard import svix --app app_2xyz --dry-run
    """
    if not token:
        raise click.UsageError("Give the token of a Svix environment, in SVIX_TOKEN or --token.")
    if app_id and all_apps:
        raise click.UsageError("Give --app or --all-apps, not both.")
    api, client = SvixApi(url or url_of(token), token), state.client
    rows: list[Row] = []
    try:
        for row in _rows(api, client, app_id, all_apps, dry_run):
            rows.append(row)
            if as_json:
                print_json(row)
    finally:
        # What was done is told, even if an error ends it.
        if rows and not as_json:
            texts = [row | {"not_carried": ", ".join(row["not_carried"])} for row in rows]
            print_table(texts, COLUMNS)
    _conclude(rows, dry_run)


def _conclude(rows: list[Row], dry_run: bool) -> None:
    """Tell how many; CallboardError if some failed."""
    counts = Counter(row["change"] for row in rows)
    names = ("created", "updated", "unchanged", "failed")
    counted = ", ".join(
        f"{counts[name]} {name}" for name in names if counts[name] or name != "failed"
    )
    note(f"{'Would be: ' if dry_run else ''}{counted}.")
    if counts["failed"]:
        raise CallboardError(f"{counts['failed']} could not be taken over; the table says why.")


def _rows(
    api: SvixApi, client: Callboard, app_id: str | None, all_apps: bool, dry_run: bool
) -> Iterator[Row]:
    if not all_apps:
        app = api.application(app_id) if app_id else _only(api)
        yield from _event_types(api, client, dry_run)
        yield from _endpoints(api, client, app["id"], dry_run)
        return
    known = {each.get("uid"): each["id"] for each in client.organizations.list()}
    taken: dict[str, str] = {}
    for app in api.applications():
        uid, missing = _uid(app)
        first = taken.setdefault(uid, app["id"])
        if first != app["id"]:
            # Two customers must not share an organization.
            reason = f"uid: {uid} is already that of {first}; change one of them at Svix"
            yield _row("organization", app["id"], app["name"], "failed", [reason])
            continue
        organization_id = known.get(uid)
        change, reasons = "unchanged", list[str]()
        if organization_id is None:
            fields = {"name": str(app["name"]), "uid": uid}
            create = partial(client.organizations.create, **fields)
            organization_id, reasons = (None, []) if dry_run else _created(create)
            change = "failed" if reasons else "created"
        yield _row("organization", app["id"], app["name"], change, [*reasons, *missing])
        if change == "failed":
            continue
        # A dry run finds nothing in an organization that does not exist.
        inner = client.for_organization(organization_id) if organization_id else None
        yield from _event_types(api, inner, dry_run)
        yield from _endpoints(api, inner, app["id"], dry_run)


def _uid(app: dict[str, Any]) -> tuple[str, list[str]]:
    """What the organization is called by its owner's programs: as at Svix, if it can be. And what
    is not carried."""
    uid = str(app.get("uid") or app["id"])
    parts = OUR_ID.fullmatch(uid)
    if parts is None:
        return uid, []
    new = "-".join(("svix", *filter(None, parts.groups())))
    return new, [f"uid: {uid} could be one of our IDs, so it is {new} here"]


def _only(api: SvixApi) -> dict[str, Any]:
    applications = list(api.applications())
    if len(applications) == 1:
        return applications[0]
    names = ", ".join(f"{app['id']} ({app['name']})" for app in applications[:10])
    known = f"Svix has {len(applications)} applications: {names}" if names else "Svix has none"
    raise click.UsageError(f"Give --app or --all-apps. {known}.")


def _event_types(api: SvixApi, client: Callboard | None, dry_run: bool) -> Iterator[Row]:
    known = {each["name"] for each in client.event_types.list()} if client else set()
    for document in api.event_types():
        mapped = svix_mapping.event_type(document)
        change, reasons = "failed", [mapped.problem]
        if not mapped.problem:
            change, reasons = "created", []
            fields: dict[str, Any] = {"description": mapped.description, "schema": mapped.schema}
            if client and mapped.name in known:
                present = client.event_types.get(mapped.name)
                is_same = all(present[name] == value for name, value in fields.items())  # type: ignore[literal-required]
                change = "unchanged" if is_same else "updated"
                fields["sample"] = present["sample"]
            if client and not dry_run and change != "unchanged":
                reasons = _errors(lambda: client.event_types.put(mapped.name, **fields))  # noqa: B023
                change = "failed" if reasons else change
        yield _row("event type", mapped.name, mapped.name, change, [*reasons, *mapped.missing])


def _endpoints(api: SvixApi, client: Callboard | None, app_id: str, dry_run: bool) -> Iterator[Row]:
    known = _known(client) if client else {}
    for endpoint in api.endpoints(app_id):
        id_ = str(endpoint["id"])
        headers, sensitive = api.headers(app_id, id_)
        mapped = svix_mapping.webhook(
            endpoint,
            api.secret(app_id, id_),
            headers,
            sensitive,
            has_transformation=api.has_transformation(app_id, id_),
        )
        change, reasons = _endpoint(client, known.get(id_), mapped.settings, dry_run)
        yield _row("webhook", id_, mapped.settings["url"], change, [*reasons, *mapped.missing])


def _endpoint(
    client: Callboard | None, webhook_id: str | None, settings: Any, dry_run: bool
) -> tuple[str, list[str]]:
    """What becomes of it, and why it fails."""
    if client is None or webhook_id is None:
        fields = {name: value for name, value in settings.items() if value is not None}
        create = client.webhooks.create if client else None
        reasons = _errors(lambda: create(**fields)) if create and not dry_run else []
        return "failed" if reasons else "created", reasons
    present = _with_secret(client, client.webhooks.get(webhook_id))
    # Headers that Svix does not show may have been entered here since.
    secret_headers = {**(present["secret_headers"] or {}), **(settings["secret_headers"] or {})}
    settings = {**settings, "secret_headers": secret_headers or None}
    changed = {name: value for name, value in settings.items() if present.get(name) != value}
    if not changed:
        return "unchanged", []
    reasons = [] if dry_run else _errors(lambda: client.webhooks.update(webhook_id, **changed))
    return "failed" if reasons else "updated", reasons


def _known(client: Callboard) -> dict[str, str]:
    """Webhooks by the endpoint that they came from."""
    pairs = (
        (each["metadata"].get(svix_mapping.ORIGIN), each["id"]) for each in client.webhooks.list()
    )
    return {origin: webhook_id for origin, webhook_id in pairs if isinstance(origin, str)}


def _with_secret(client: Callboard, webhook: Webhook) -> dict[str, Any]:
    return {**webhook, "secret": client.webhooks.secret(webhook["id"])}


def _errors(work: Callable[[], object]) -> list[str]:
    """Why this one was refused; other errors end the import."""
    try:
        work()
    except (Conflict, Invalid) as error:
        return _problems(error)
    return []


def _created(create: Callable[[], Organization]) -> tuple[str | None, list[str]]:
    """Its ID, or why it was refused."""
    try:
        return create()["id"], []
    except (Conflict, Invalid) as error:
        return None, _problems(error)


def _problems(error: Conflict | Invalid) -> list[str]:
    return [f"{each.field}: {each.problem}" for each in error.errors] or [str(error)]


def _row(kind: str, id_: str, name: str, change: str, not_carried: list[str] | None = None) -> Row:
    values = (kind, id_, name, change, not_carried or [])
    return dict(zip(COLUMNS, values, strict=True))
