"""Payloads of several events: their starts, to show where a text was found, or whole."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select

from app.models import Event
from app.models.common.base import db
from app.queries.common.payload_text import SEARCHED_BYTES
from app.queries.common.scans import unindexed


def starts(organization_id: str, event_ids: Sequence[str]) -> dict[str, str]:
    """{event id: the part of its payload that a search reads}, of those that have one."""
    own = unindexed(Event.organization_id) == organization_id
    start = func.substr(Event.payload, 1, SEARCHED_BYTES)
    statement = select(Event.id, start).where(
        Event.id.in_(list(event_ids)), own, Event.payload.is_not(None)
    )
    if not event_ids:
        return {}
    return {row[0]: bytes(row[1]).decode(errors="replace") for row in db.session.execute(statement)}


def whole(
    organization_id: str, event_ids: Sequence[str], max_bytes: int
) -> dict[str, bytes | None]:
    """{event id: payload, None if it has expired} of the first of these events whose payloads
    together have at most `max_bytes`, but at least of one."""
    own = unindexed(Event.organization_id) == organization_id
    ids: list[str] = []
    for id_, size in _sizes(own, event_ids):
        max_bytes -= size or 0
        if max_bytes < 0 and ids:
            break
        ids.append(id_)
    statement = select(Event.id, Event.payload).where(Event.id.in_(ids), own)
    rows = db.session.execute(statement).all() if ids else []
    payloads = {row[0]: None if row[1] is None else bytes(row[1]) for row in rows}
    return {id_: payloads.get(id_) for id_ in ids}


def _sizes(own: Any, event_ids: Sequence[str]) -> list[tuple[str, int | None]]:
    if not event_ids:
        return []
    statement = select(Event.id, func.length(Event.payload)).where(Event.id.in_(event_ids), own)
    sizes = {row[0]: row[1] for row in db.session.execute(statement)}
    return [(id_, sizes[id_]) for id_ in event_ids if id_ in sizes]
