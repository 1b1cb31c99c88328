"""Webhooks, without callback targets unless a function says otherwise."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, Select, func, or_, select, tuple_

from app.domain.common.ids import canonical_id
from app.models import Webhook, WebhookState
from app.models.common.base import db
from app.models.webhooks import IS_CALLBACK_TARGET, IS_KEPT, ONCE_WAITING
from app.queries.common.pages import Page, Stretch, cut, decode_cursor, next_cursor, taken


@dataclass(frozen=True, slots=True)
class Outline:
    """The columns that lists are searched and sorted by. event_types None: all."""

    id: str
    name: str
    url: str
    event_types: list[str] | None
    created_at: int


def page(
    organization_id: str,
    limit: int = 50,
    cursor: str | None = None,
    *,
    q: str | None = None,
    metadata: tuple[str, str] | None = None,
    include_once: bool = False,
) -> Page[Webhook]:
    """Newest first. q: text in the name or URL, or an id. metadata: a name, of letters, digits and
    `_.-`, and its value."""
    below = decode_cursor(cursor)
    statement = current(organization_id, include_once=include_once)
    if q:
        statement = search(statement, q)
    if metadata is not None:
        name, value = metadata
        statement = statement.where(Webhook.meta[name].as_string() == value)
    if below is not None:
        statement = statement.where(Webhook.id < below)
    rows = list(db.session.scalars(statement.limit(limit + 1)))
    stretch: Stretch = taken(cut(rows, None, limit), limit)
    return Page(stretch.rows, next_cursor(stretch))


def get(organization_id: str, webhook_id: str) -> Webhook | None:
    """None also for a deleted one."""
    statement = current(organization_id, include_once=True)
    return db.session.scalar(statement.where(Webhook.id == canonical_id(webhook_id)))


def get_any(organization_id: str, webhook_id: str) -> Webhook | None:
    """The webhook of a delivery: may be deleted, or a callback target."""
    conditions = (
        Webhook.id == canonical_id(webhook_id),
        Webhook.organization_id == organization_id,
    )
    return db.session.scalar(select(Webhook).where(*conditions))


def any_of_ids(organization_id: str, ids: Iterable[str]) -> dict[str, Webhook]:
    """Like `get_any`: {id: webhook}"""
    statement = select(Webhook).where(
        Webhook.id.in_(set(ids)), Webhook.organization_id == organization_id
    )
    return {row.id: row for row in db.session.scalars(statement)}


def by_uid(organization_id: str, uid: str) -> Webhook | None:
    """By the caller's own id; None also for a deleted one."""
    return db.session.scalar(current(organization_id, include_once=True).where(Webhook.uid == uid))


def listed(organization_id: str, *, include_once: bool = False) -> list[Webhook]:
    """Newest first."""
    return list(db.session.scalars(current(organization_id, include_once=include_once)))


def outlines(organization_id: str) -> list[Outline]:
    """All webhooks except one-time ones, newest first, for lists with a total and an offset. A
    tenth of the cost of whole rows."""
    columns = (Webhook.id, Webhook.name, Webhook.url, Webhook.event_types, Webhook.created_at)
    statement: Any = current(organization_id, include_once=False).with_only_columns(*columns)
    return [Outline(*row) for row in db.session.execute(statement)]


def of_ids(organization_id: str, ids: list[str]) -> list[Webhook]:
    """Existing webhooks in the order of `ids`."""
    statement = current(organization_id, include_once=True).where(Webhook.id.in_(ids))
    rows = {row.id: row for row in db.session.scalars(statement)}
    return [rows[id_] for id_ in ids if id_ in rows]


def count(organization_id: str) -> int:
    """Webhooks, one-time ones included until their event arrives. Read from two indexes."""
    own = (
        select(func.count()).select_from(Webhook).where(Webhook.organization_id == organization_id)
    )
    number = db.session.scalar(own.where(IS_KEPT)) or 0
    # Two conditions, as in `publishing`: with a single one SQLite reads every webhook.
    waiting = own.where(ONCE_WAITING)
    for_any = db.session.scalar(waiting.where(Webhook.once_source.is_(None))) or 0
    return number + for_any + (db.session.scalar(waiting.where(Webhook.once_source >= "")) or 0)


def urls_in_flight(organization_id: str) -> Sequence[Row[str, int]]:
    """(URL, requests in flight) of the webhooks with any, callback targets included."""
    return db.session.execute(
        select(Webhook.url, WebhookState.in_flight)
        .join(WebhookState, WebhookState.webhook_id == Webhook.id)
        .where(WebhookState.organization_id == organization_id, WebhookState.in_flight > 0)
    ).all()


def inactive(organization_id: str, limit: int, webhook_id: str | None = None) -> list[Webhook]:
    """Paused and disabled webhooks, newest first. webhook_id: only this one."""
    wanted = current(organization_id, include_once=True).where(Webhook.is_active.is_(False))
    if webhook_id is not None:
        wanted = wanted.where(Webhook.id == canonical_id(webhook_id))
    return list(db.session.scalars(wanted.limit(limit)))


def states_of(organization_id: str, webhook_ids: list[str]) -> dict[str, WebhookState]:
    """{webhook id: the state that workers keep}"""
    statement = select(WebhookState).where(
        WebhookState.organization_id == organization_id, WebhookState.webhook_id.in_(webhook_ids)
    )
    rows = db.session.scalars(statement)
    return {row.webhook_id: row for row in rows}


def last_attempts(organization_id: str, webhook_ids: list[str]) -> dict[str, int]:
    """{webhook id: milliseconds since the epoch when its last attempt ended}, without webhooks that
    had none. Test sends do not count."""
    states = states_of(organization_id, webhook_ids).values()
    ends = {s.webhook_id: max(s.last_success_at or 0, s.last_failure_at or 0) for s in states}
    return {webhook_id: at for webhook_id, at in ends.items() if at}


def current(organization_id: str, *, include_once: bool) -> Select[Webhook]:
    """Existing webhooks, newest first."""
    statement = select(Webhook).where(
        Webhook.organization_id == organization_id,
        Webhook.kind == "webhook",
        Webhook.deleted_at.is_(None),
    )
    if not include_once:
        statement = statement.where(Webhook.once.is_(False))
    return statement.order_by(Webhook.id.desc())


def search(statement: Select[Webhook], q: str) -> Select[Webhook]:
    """With text in the name or URL, or by an id."""
    text = q.lower()
    holds = [
        func.lower(Webhook.name).contains(text, autoescape=True),
        func.lower(Webhook.url).contains(text, autoescape=True),
    ]
    id_ = canonical_id(q)
    if id_ is not None:
        holds.append(Webhook.id == id_)
    return statement.where(or_(*holds))


def for_matching(organization_id: str) -> list[Webhook]:
    """The webhooks that events are matched against, listeners and paused ones too, without one-time
    ones."""
    statement = select(Webhook).where(
        Webhook.organization_id == organization_id,
        Webhook.kind.in_(("webhook", "listener")),
        Webhook.deleted_at.is_(None),
        Webhook.once.is_(False),
    )
    return list(db.session.scalars(statement.order_by(Webhook.id)))


def one_time_waiting(organization_ids: list[str], sources: Iterable[str | None]) -> list[Webhook]:
    """One-time webhooks that wait for one of the sources or for any, oldest first."""
    named = sorted(source for source in sources if source is not None)
    rows: list[Webhook] = []
    # One statement for each part of the index.
    for condition in (Webhook.once_source.is_(None), Webhook.once_source.in_(named)):
        rows += db.session.scalars(
            select(Webhook).where(
                Webhook.organization_id.in_(organization_ids), condition, ONCE_WAITING
            )
        )
    return sorted(rows, key=lambda row: row.id)


def callback_targets(keys: Sequence[tuple[str, str, str]]) -> Sequence[Row[str, str, str, str]]:
    """keys: (organization id, preset, origin). Returns rows of a key and the webhook id."""
    key = (Webhook.organization_id, Webhook.preset, Webhook.url)
    return db.session.execute(
        select(*key, Webhook.id).where(IS_CALLBACK_TARGET, tuple_(*key).in_(keys))
    ).all()
