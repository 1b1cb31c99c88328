"""Events of an organization, in pages that can be turned both ways."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import defer

from app.models import Event, IdempotencyKey
from app.models.common.base import db
from app.queries.common.pages import EXAMINED
from app.queries.common.scans import Condition, Scan, span_of
from app.queries.common.turns import Turn, Turned, turn


def page(
    organization_id: str,
    direction: Turn,
    limit: int,
    *,
    types: Sequence[str] = (),
    source: str | None = None,
    since: int | None = None,
    until: int | None = None,
    with_payloads: bool = True,
) -> Turned:
    """since, until: milliseconds since the epoch, of acceptance, until excluded. Without samples of
    test sends."""
    base: list[Condition] = [Event.organization_id == organization_id]
    if source is not None:
        base.append(Event.source == source)
    rest: list[Condition] = [Event.is_test.is_(False)]
    if types:
        rest.append(Event.type.in_(list(types)))
    options = () if with_payloads else (defer(Event.payload),)
    span = span_of(since, until)
    return turn(Scan(Event, tuple(base), tuple(rest), span, EXAMINED, options), direction, limit)


def id_of_key(organization_id: str, key: str) -> str | None:
    """The id of the event that was published under an idempotency key."""
    return db.session.scalar(
        select(IdempotencyKey.event_id).where(
            IdempotencyKey.organization_id == organization_id, IdempotencyKey.key == key
        )
    )


def of_ids(organization_id: str, ids: Sequence[str], *, with_payloads: bool) -> dict[str, Event]:
    """{id: event}"""
    own = Event.organization_id == organization_id
    statement = select(Event).where(Event.id.in_(list(ids)), own)
    if not with_payloads:
        statement = statement.options(defer(Event.payload))
    return {row.id: row for row in db.session.scalars(statement)} if ids else {}
