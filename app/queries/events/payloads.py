"""The starts of payloads, to show where a text was found."""

from collections.abc import Sequence

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
