"""Attempts of deliveries, in pages that can be turned both ways.

No index orders attempts by time, and one would slow down their recording. Attempts are
listed by delivery instead: newest delivery first, and of each its newest attempt first.
"""

import re
from dataclasses import dataclass

from sqlalchemy import or_, select

from app.domain.common.ids import is_id
from app.models import Attempt, Delivery
from app.models.common.base import db
from app.queries.common import pages
from app.queries.common.pages import EXAMINED
from app.queries.common.scans import Condition, Span, span_of
from app.queries.common.turns import Turn, Turned, turned
from app.queries.deliveries import attempt_batches
from app.queries.deliveries.attempt_filters import AttemptFilter, own

# Above the number of any attempt, and as long as a cursor's may be.
_PAST = 10**9 - 1
_NUMBER = re.compile(r"[0-9]{1,9}", re.ASCII)


def page(
    organization_id: str,
    filters: AttemptFilter,
    direction: Turn,
    limit: int,
    *,
    with_bodies: bool = True,
) -> Turned:
    """Examines a bounded number of deliveries. Keys of rows are `<delivery id>.<number>`."""
    bounds = _Bounds.of(direction.start)
    span, edge = _span(organization_id, filters, bounds, direction)
    also = [] if bounds is None else [bounds.beyond(upwards=direction.backwards)]
    batch = attempt_batches.read(
        organization_id,
        filters,
        span,
        limit + 1,
        also=also,
        upwards=direction.backwards,
        with_bodies=with_bodies,
    )
    rows = batch.rows
    if batch.last is not None:
        edge = _edge(batch.last, direction)
    keys = [key_of(row.attempt) for row in rows]
    if len(rows) > limit:
        edge, rows, keys = keys[limit - 1], rows[:limit], keys[:limit]
    if direction.backwards:
        rows, keys = rows[::-1], keys[::-1]
    return turned(rows, keys, edge, direction)


def key_of(attempt: Attempt) -> str:
    return f"{attempt.delivery_id}.{attempt.number}"


def encode_cursor(key: str) -> str:
    """key: of a row, or of an edge."""
    return pages.encode_cursor(key)


def decode_cursor(cursor: str | None) -> str | None:
    """The key after which the page starts; None: the first page. Invalid on `cursor`."""
    return pages.decode_cursor(cursor, is_key=_is_key)


def _is_key(text: str) -> bool:
    delivery_id, _, number = text.partition(".")
    return is_id(delivery_id) and _NUMBER.fullmatch(number) is not None


@dataclass(frozen=True, slots=True)
class _Bounds:
    delivery_id: str
    number: int

    @classmethod
    def of(cls, key: str | None) -> "_Bounds | None":
        if key is None:
            return None
        delivery_id, _, number = key.partition(".")
        return cls(delivery_id, int(number))

    def beyond(self, *, upwards: bool) -> Condition:
        """Attempts past this one in that direction, of deliveries from its own on."""
        is_beyond = Attempt.number > self.number if upwards else Attempt.number < self.number
        return or_(Attempt.delivery_id != self.delivery_id, is_beyond)


def _span(
    organization_id: str, filters: AttemptFilter, bounds: _Bounds | None, direction: Turn
) -> tuple[Span, str | None]:
    """The deliveries that are examined, and the key at which this ends; None: at the last one."""
    # A delivery is older than its attempts.
    span = span_of(None, filters.until)
    if bounds is not None and direction.backwards:
        is_past = bounds.number == _PAST
        span = span.above(bounds.delivery_id) if is_past else span.down_to(bounds.delivery_id)
    elif bounds is not None:
        is_past = bounds.number <= 1
        span = span.below(bounds.delivery_id) if is_past else span.up_to(bounds.delivery_id)
    order = Delivery.id.asc() if direction.backwards else Delivery.id.desc()
    within = (*own(organization_id, filters), *span.of(Delivery.id))
    examined = select(Delivery.id).where(*within).order_by(order).offset(EXAMINED - 1).limit(1)
    last: str | None = db.session.scalar(examined)
    if last is None:
        return span, None
    edge = _edge(last, direction)
    return (span.up_to(last) if direction.backwards else span.down_to(last)), edge


def _edge(delivery_id: str, direction: Turn) -> str:
    """The key past the attempts of this delivery."""
    return f"{delivery_id}.{_PAST if direction.backwards else 0}"
