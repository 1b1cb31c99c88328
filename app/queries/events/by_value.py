"""Find events by a value of their payload, along the index of values."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Integer, Select, func, literal, select, tuple_, union_all

from app.domain.common.clock import now_ms
from app.domain.common.ids import first_id_of, ms_of, text_of
from app.domain.events.search_values import (
    HOUR_MS,
    hashes,
    hour_of,
    number_of,
    searched_value,
    values_of,
)
from app.models import Event, EventValue, NewValues
from app.models.common.base import db
from app.queries.common.pages import Stretch, cut
from app.queries.common.scans import Condition, is_sqlite, unindexed
from app.store.event_values import ROW_BYTES

# Events of one value that a list of deliveries is made of, the newest first.
LISTED = 200
# Hours that one step looks at; a page with a cursor continues.
MAX_HOURS = 100 * 24
# Ids that one step of a page checks, in rounds.
ROUND, ROUNDS = 100, 5
# Rounds for the newest ones: each list of deliveries and each step of a job looks for them again.
NEWEST_ROUNDS = 2
# Bytes of payload that are read to check them: by all rounds of a page, and by each for the newest.
MAX_BYTES = 8 << 20
# Blocks of values that wait to be added to the index; a worker adds them within seconds.
MAX_BLOCKS = 2_000
# Payloads in memory at a time.
_PAYLOADS = 8
# No event has these ids.
_LOWEST, _HIGHEST = (f"{c * 8}-{c * 4}-{c * 4}-{c * 4}-{c * 12}" for c in "0f")
# Hours read by one statement: the first has all rows of a frequent value.
_FIRST, _GROWTH, _MOST = 1, 4, 64


@dataclass(frozen=True, slots=True)
class Ids:
    """newest first. edge: ids above it were looked at; None: all."""

    ids: list[str]
    edge: str | None


@dataclass(frozen=True, slots=True)
class ValueScan:
    """Events with a value, checked by `rest`. A source of a page (pages.Source), which reads
    downwards. since, until: milliseconds since the epoch, until excluded."""

    organization_id: str
    value: str
    rest: tuple[Condition, ...] = ()
    since: int | None = None
    until: int | None = None
    options: tuple[Any, ...] = ()

    def look(self, start: str | None, limit: int, upwards: bool = False) -> Stretch:  # noqa: ARG002
        rows: list[Event] = []
        bounds = [] if self.until is None else [first_id_of(self.until)]
        edge: str | None = min([*bounds, *([start] if start else [])], default=None)
        left = MAX_BYTES
        for _ in range(ROUNDS):
            candidates = _indexed(self.organization_id, self.value, edge, self.since, ROUND)
            ids, size = _verified(self.organization_id, self.value, candidates, left)
            rows += self._rows(ids.ids)
            edge, left = ids.edge, left - size
            if edge is None or len(rows) > limit or left <= 0:
                break
        return cut(rows[: limit + 1], edge, limit)

    def _rows(self, ids: Sequence[str]) -> list[Event]:
        if not ids:
            return []
        own = unindexed(Event.organization_id) == self.organization_id
        statement = select(Event).where(Event.id.in_(ids), own, *self.rest).options(*self.options)
        return list(db.session.scalars(statement.order_by(Event.id.desc())))


def newest(organization_id: str, value: str, until: int | None = None) -> Ids:
    """At most LISTED checked ids of events, accepted before `until` (milliseconds). Fewer if they
    are rare or large: it ends after NEWEST_ROUNDS times MAX_BYTES or MAX_HOURS, and `edge` says
    so."""
    edge = None if until is None else first_id_of(until)
    ids: list[str] = []
    for _ in range(NEWEST_ROUNDS):
        candidates = _indexed(organization_id, value, edge, None, LISTED - len(ids))
        checked = verified(organization_id, value, candidates)
        ids += checked.ids
        edge = checked.edge
        if edge is None or len(ids) >= LISTED:
            break
    return Ids(ids, edge)


def has_more(
    organization_id: str, value: str, since: int | None = None, until: int | None = None
) -> bool:
    """Whether events accepted from `since` on may have the value besides the newest ones. since,
    until: milliseconds since the epoch."""
    edge = newest(organization_id, value, until).edge
    return edge is not None and (since is None or edge > first_id_of(since))


def verified(organization_id: str, value: str, candidates: Ids) -> Ids:
    """Those of the organization whose payload has the value. Stops at MAX_BYTES."""
    return _verified(organization_id, value, candidates, MAX_BYTES)[0]


def _verified(organization_id: str, value: str, candidates: Ids, max_bytes: int) -> tuple[Ids, int]:
    """With the bytes that were read, or `max_bytes` if there were more. Reads at least one."""
    wanted = searched_value(value)
    ids, edge, size = _within_budget(candidates, max_bytes)
    if not ids:
        return Ids([], edge), 0
    rows = db.session.execute(
        select(Event.id, Event.payload)
        .where(
            Event.id.in_(ids),
            unindexed(Event.organization_id) == organization_id,
            Event.payload.is_not(None),
        )
        .order_by(Event.id.desc())
        .execution_options(yield_per=_PAYLOADS)
    )
    matching = [row[0] for row in rows if wanted in values_of(bytes(row[1] or b""))]
    return Ids(matching, edge), size


def _within_budget(candidates: Ids, max_bytes: int) -> tuple[list[str], str | None, int]:
    statement = select(Event.id, func.length(Event.payload)).where(Event.id.in_(candidates.ids))
    sizes = {row[0]: row[1] for row in db.session.execute(statement)}
    ids: list[str] = []
    left = max_bytes
    for id_ in candidates.ids:
        left -= sizes.get(id_) or 0
        if left < 0 and ids:
            return ids, ids[-1], max_bytes
        ids.append(id_)
    return ids, candidates.edge, max_bytes - left


def _indexed(
    organization_id: str, value: str, below: str | None, since: int | None, limit: int
) -> Ids:
    """The next ids below one that the index has for the value, whatever their payload is."""
    wanted = searched_value(value)
    if wanted is None:
        return Ids([], None)
    first_hour = db.session.scalar(select(func.min(EventValue.hour)))
    [digest] = hashes(organization_id, [wanted])
    hash_ = number_of(digest)
    # An hour ahead: another machine's clock.
    latest = (now_ms() // HOUR_MS) + 1
    if below is not None:
        latest = min(latest, hour_of(below))
    earliest = latest if first_hour is None else first_hour
    earliest = max(earliest, 0 if since is None else since // HOUR_MS)
    reached = max(earliest, latest - MAX_HOURS + 1)
    ids = _waiting(digest, below)
    hours = _hours_with(hash_, latest, reached)
    size = _FIRST
    while hours and len(ids) <= limit:
        ids += _ids_in(hours[:size], hash_, below, limit + 1)
        hours, size = hours[size:], min(size * _GROWTH, _MOST)
    ids = sorted(set(ids), reverse=True)
    if since is not None:
        ids = [id_ for id_ in ids if ms_of(id_) >= since]
    if len(ids) > limit:
        return Ids(ids[:limit], ids[limit - 1])
    return Ids(ids, first_id_of(reached * HOUR_MS) if reached > earliest else None)


def _waiting(digest: bytes, below: str | None) -> list[str]:
    """Ids of events with this value, in any order, that are not in the index yet."""
    newest = select(NewValues.packed).order_by(NewValues.id.desc()).limit(MAX_BLOCKS)
    ids: list[str] = []
    for block in db.session.scalars(newest.execution_options(yield_per=100)):
        data, at = bytes(block), -1
        while (at := data.find(digest, at + 1)) >= 0:
            if at % ROW_BYTES == 0:
                ids.append(text_of(data[at + len(digest) : at + ROW_BYTES]))
    return ids if below is None else [id_ for id_ in ids if id_ < below]


def _hours_with(hash_: int, latest: int, earliest: int) -> list[int]:
    """Hours with events of this value, latest first: one look at the index for each hour."""
    if earliest > latest:
        return []
    if is_sqlite():
        first = select(literal(earliest).label("of_hour")).cte("hours", recursive=True)
        following = select(first.c.of_hour + 1).where(first.c.of_hour < latest)
        hours: Any = first.union_all(following)
    else:
        series = func.generate_series(earliest, latest, type_=Integer)
        hours = series.table_valued("of_hour").render_derived("hours")
    has_rows = (
        select(literal(1))
        .where(EventValue.hour == hours.c.of_hour, EventValue.hash == hash_)
        .limit(1)
        .correlate(hours)
        .scalar_subquery()
    )
    rows = db.session.scalars(select(hours.c.of_hour).where(has_rows.is_not(None)))
    return sorted(rows, reverse=True)


def _ids_in(hours: Iterable[int], hash_: int, below: str | None, limit: int) -> list[str]:
    """Newest first. Reads at most `limit` rows of each hour."""
    parts = [_of_hour(hour, hash_, below, limit).subquery() for hour in hours]
    rows = db.session.scalars(union_all(*(select(part.c.event_id) for part in parts)))
    return sorted(rows, reverse=True)[:limit]


def _of_hour(hour: int, hash_: int, below: str | None, limit: int) -> Select[str]:
    key = (EventValue.hour, EventValue.hash, EventValue.event_id)
    statement = select(EventValue.event_id)
    if is_sqlite():
        statement = statement.where(EventValue.hour == hour, EventValue.hash == hash_)
        if below is not None:
            statement = statement.where(EventValue.event_id < below)
        return statement.order_by(EventValue.event_id.desc()).limit(limit)
    # As a span of the index. PostgreSQL takes values for rare: with equalities it would read and
    # sort all rows of one that each event has, instead of walking along the index to the limit.
    first = tuple_(literal(hour), literal(hash_), literal(_LOWEST, EventValue.event_id.type))
    end = tuple_(
        literal(hour), literal(hash_), literal(below or _HIGHEST, EventValue.event_id.type)
    )
    statement = statement.where(tuple_(*key) >= first, tuple_(*key) < end)
    return statement.order_by(*(column.desc() for column in key)).limit(limit)
