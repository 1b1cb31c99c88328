"""The catalogue of an organization's event types: its own, and those of the installation."""

import base64
import binascii
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Text, case, cast, func, select

from app.domain.event_types.fields import MAX_CHECKED
from app.domain.event_types.names import PRODUCT_TYPES
from app.domain.event_types.patterns import is_pattern, selector_of
from app.models import EventType, PlatformEventType, Webhook
from app.models.common.base import db
from app.queries import webhooks
from app.queries.common.pages import Page, bad_cursor
from app.queries.event_types import platform as platform_event_types

# More would not help in a list of checkboxes.
LISTED = 500


def names(organization_id: str, limit: int = LISTED) -> list[str]:
    """In alphabetical order."""
    shared = platform_event_types.names(limit)
    return sorted({*own_names(organization_id, limit), *shared})[:limit]


def own_names(organization_id: str, limit: int) -> list[str]:
    """Without those of the installation, in alphabetical order."""
    names = db.session.scalars(
        select(EventType.name)
        .where(EventType.organization_id == organization_id)
        .order_by(EventType.name)
        .limit(limit)
    )
    return list(names)


def checks(organization_id: str, limit: int = MAX_CHECKED) -> dict[str, str]:
    """{event type: `warn` or `reject`} of those whose events are checked on post."""
    rows = db.session.execute(
        select(EventType.name, EventType.schema_check)
        .where(EventType.organization_id == organization_id, EventType.schema_check.is_not(None))
        .order_by(EventType.name)
        .limit(limit)
    )
    return {name: check for name, check in rows if check and name not in PRODUCT_TYPES}


@dataclass(frozen=True, slots=True)
class CheckedType:
    """An event type with a schema. check: `warn`, `reject`, or None for neither. schema: its JSON;
    None: it was not read."""

    name: str
    check: str | None
    schema: str | None


def checked_types(
    organization_id: str, requested: Collection[str], max_schemas: int
) -> list[CheckedType]:
    """Those of the names that have a schema, in alphabetical order. max_schemas: characters of JSON
    that are read together, as ASCII has them; the schemas beyond are None. Nothing parses them."""
    text = cast(EventType.schema, Text)
    total = func.sum(func.length(text)).over(order_by=EventType.name)
    statement = (
        select(
            EventType.name, EventType.schema_check, case((total <= max_schemas, text), else_=None)
        )
        .where(
            EventType.organization_id == organization_id,
            EventType.name.in_(sorted(requested)),
            EventType.schema.is_not(None),
        )
        .order_by(EventType.name)
    )
    return [CheckedType(*row) for row in db.session.execute(statement)]


def own(organization_id: str, limit: int = 5_000) -> list[EventType]:
    """Without those of the installation, in alphabetical order."""
    statement = select(EventType).where(EventType.organization_id == organization_id)
    return list(db.session.scalars(statement.order_by(EventType.name).limit(limit)))


def page(
    organization_id: str,
    limit: int = 50,
    cursor: str | None = None,
    *,
    q: str | None = None,
    without: Collection[str] = (),
) -> Page[EventType]:
    """In alphabetical order. q: text in the name or the description. without: names to leave
    out."""
    statement = select(EventType).where(EventType.organization_id == organization_id)
    if without:
        statement = statement.where(EventType.name.not_in(sorted(without)))
    after = _decoded(cursor)
    if after is not None:
        statement = statement.where(EventType.name > after)
    if q:
        holds = EventType.name.icontains(q, autoescape=True)
        statement = statement.where(holds | EventType.description.icontains(q, autoescape=True))
    fresh = statement.order_by(EventType.name).limit(limit + 1)
    rows = list(db.session.scalars(fresh))
    shared = platform_event_types.page(after, limit + 1, q)
    if shared:
        rows = _merged(organization_id, rows, [row for row in shared if row.name not in without])
    more = cursor_after(rows[limit - 1].name) if len(rows) > limit else None
    return Page(rows[:limit], more)


def get(organization_id: str, name: str) -> EventType | None:
    """The organization's own description comes first."""
    row = db.session.get(EventType, (organization_id, name))
    if row is not None and _is_described(row):
        return row
    shared = platform_event_types.get(name)
    if shared is None or shared.archived:
        return row
    return platform_event_types.in_catalogue(organization_id, shared)


def _merged(
    organization_id: str, rows: list[EventType], shared: list[PlatformEventType]
) -> list[EventType]:
    """In alphabetical order. A type that was only added by its first event has the description of
    the installation."""
    described = {
        row.name: platform_event_types.in_catalogue(organization_id, row) for row in shared
    }
    described |= {row.name: row for row in rows if row.name not in described or _is_described(row)}
    return [described[name] for name in sorted(described)]


def _is_described(row: EventType) -> bool:
    return bool(row.description) or row.sample is not None or row.schema is not None


def get_many(organization_id: str, requested: list[str]) -> dict[str, EventType]:
    """{name: event type} of the names that exist."""
    statement = select(EventType).where(
        EventType.organization_id == organization_id, EventType.name.in_(requested)
    )
    return {row.name: row for row in db.session.scalars(statement)}


def count(organization_id: str) -> int:
    statement = select(func.count()).where(EventType.organization_id == organization_id)
    return db.session.scalar(statement) or 0


@dataclass(slots=True)
class WebhookCounts:
    """Webhooks by event type. by_pattern: the selections of those with patterns. to_all: those that
    get all types except Callboard's own."""

    by_name: Counter[str]
    by_pattern: list[list[str]]
    to_all: int

    def of(self, name: str) -> int:
        matching = sum(selector_of(types, name) is not None for types in self.by_pattern)
        return self.by_name[name] + matching + (0 if name in PRODUCT_TYPES else self.to_all)


def webhook_counts(organization_id: str) -> WebhookCounts:
    rows = db.session.scalars(
        select(Webhook.event_types).where(
            Webhook.organization_id == organization_id,
            Webhook.kind == "webhook",
            Webhook.deleted_at.is_(None),
            Webhook.once.is_(False),
        )
    ).all()
    counts = WebhookCounts(Counter(), [], 0)
    for types in rows:
        if types is None:
            counts.to_all += 1
        elif any(map(is_pattern, types)):
            counts.by_pattern.append(types)
        else:
            counts.by_name.update(types)
    return counts


def webhooks_for(organization_id: str, name: str) -> list[Webhook]:
    """Webhooks that get this event type; those that select it come first."""
    matching = [row for row in webhooks.listed(organization_id) if _matches_type(row, name)]
    return sorted(matching, key=lambda row: row.event_types is None)


def _matches_type(row: Webhook, name: str) -> bool:
    if row.event_types is None:
        return name not in PRODUCT_TYPES
    return selector_of(row.event_types, name) is not None


def cursor_after(name: str) -> str:
    """The cursor of the page that starts after this name."""
    return base64.urlsafe_b64encode(f"n:{name}".encode()).decode().rstrip("=")


def _decoded(cursor: str | None) -> str | None:
    """The name after which the page starts. Invalid on `cursor`."""
    if not cursor:
        return None
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        kind, _, name = raw.decode().partition(":")
    except (ValueError, binascii.Error) as error:
        raise bad_cursor() from error
    if kind != "n" or "\0" in name:
        raise bad_cursor()
    return name


def sample(organization_id: str, name: str) -> bytes | None:
    """The sample payload in the organization's catalogue."""
    row = get(organization_id, name)
    return None if row is None else row.sample
