"""Webhooks as they are listed and looked at. Lanes of one-off callbacks are never among them."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, or_, select

from app.domain.common.ids import canonical_id
from app.models import Webhook, WebhookState
from app.models.base import db
from app.queries.common.pages import Page, Stretch, cut, decode_cursor, next_cursor, taken


@dataclass(frozen=True, slots=True)
class Outline:
    """What lists are searched and sorted by. event_types None: all."""

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
    include_once: bool = False,
) -> Page[Webhook]:
    """Newest first. q: text in the name or URL, or an id."""
    below = decode_cursor(cursor)
    wanted = _standing(organization_id, include_once=include_once)
    if q:
        wanted = _holding(wanted, q)
    if below is not None:
        wanted = wanted.where(Webhook.id < below)
    rows = list(db.session.scalars(wanted.limit(limit + 1)))
    stretch: Stretch = taken(cut(rows, None, limit), limit)
    return Page(stretch.rows, next_cursor(stretch))


def get(organization_id: str, webhook_id: str) -> Webhook | None:
    """None also for a deleted one."""
    wanted = _standing(organization_id, include_once=True)
    return db.session.scalar(wanted.where(Webhook.id == canonical_id(webhook_id)))


def behind(organization_id: str, webhook_id: str) -> Webhook | None:
    """What a delivery went through: also a deleted one, and a lane of one-off callbacks."""
    mine = (Webhook.id == canonical_id(webhook_id), Webhook.organization_id == organization_id)
    return db.session.scalar(select(Webhook).where(*mine))


def listed(organization_id: str, *, include_once: bool = False) -> list[Webhook]:
    """All of them, newest first."""
    return list(db.session.scalars(_standing(organization_id, include_once=include_once)))


def outlines(organization_id: str) -> list[Outline]:
    """All of them, newest first, for lists that are counted, and cut by an offset: a tenth of the
    cost of whole rows. Those that are good once are not among them."""
    columns = (Webhook.id, Webhook.name, Webhook.url, Webhook.event_types, Webhook.created_at)
    wanted: Any = _standing(organization_id, include_once=False).with_only_columns(*columns)
    return [Outline(*row) for row in db.session.execute(wanted)]


def of_ids(organization_id: str, ids: list[str]) -> list[Webhook]:
    """Those of them that stand, in the order of `ids`."""
    wanted = _standing(organization_id, include_once=True).where(Webhook.id.in_(ids))
    rows = {row.id: row for row in db.session.scalars(wanted)}
    return [rows[each] for each in ids if each in rows]


def states_of(organization_id: str, webhook_ids: list[str]) -> dict[str, WebhookState]:
    """What workers keep of each: its window, last success, last failure, since when it fails."""
    wanted = select(WebhookState).where(
        WebhookState.organization_id == organization_id, WebhookState.webhook_id.in_(webhook_ids)
    )
    rows = db.session.scalars(wanted.execution_options(populate_existing=True))
    return {row.webhook_id: row for row in rows}


def _standing(organization_id: str, *, include_once: bool) -> Select[Webhook]:
    wanted = select(Webhook).where(
        Webhook.organization_id == organization_id,
        Webhook.kind == "webhook",
        Webhook.deleted_at.is_(None),
    )
    if not include_once:
        wanted = wanted.where(Webhook.once.is_(False))
    return wanted.order_by(Webhook.id.desc()).execution_options(populate_existing=True)


def _holding(wanted: Select[Webhook], q: str) -> Select[tuple[Webhook]]:
    text = q.lower()
    holds = [
        func.lower(Webhook.name).contains(text, autoescape=True),
        func.lower(Webhook.url).contains(text, autoescape=True),
    ]
    found = canonical_id(q)
    if found is not None:
        holds.append(Webhook.id == found)
    return wanted.where(or_(*holds))
