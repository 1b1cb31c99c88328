"""Values of payloads to search by: write them down with their event, add them to the index, delete
them with the payload."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, delete, select

from app.domain.common.ids import text_of
from app.domain.events.search_values import hashes, hour_of, number_of, values_of
from app.models import Event, EventValue, NewValues
from app.models.common.base import db
from app.models.common.columns import packed
from app.store import bulk
from app.store.bulk import Shape
from app.store.sessions import WriteSession

_TABLE: Any = EventValue.__table__
_NEW_TABLE: Any = NewValues.__table__
VALUES = Shape(_TABLE, ("hour", "hash", "event_id"))
NEW = Shape(_NEW_TABLE, ("packed",))
# Of a value: its hash and its event's id.
HASH_BYTES, ROW_BYTES = 8, 24
# Values of a block: a few milliseconds of work.
BLOCK = 2_000
# Payloads in memory at a time.
_PAYLOADS = 8
_DELETE = delete(_TABLE).where(
    _TABLE.c.hour == bindparam("of_hour"),
    _TABLE.c.hash == bindparam("of_hash"),
    _TABLE.c.event_id == bindparam("of_event"),
)

# Hour, hash, event id.
Row = tuple[int, int, str]
# The rows of events, by event id.
Known = Mapping[str, Sequence[Row]]


def packed_rows(event_id: str, hashes_: Sequence[bytes]) -> list[bytes]:
    if not hashes_:
        return []
    id_ = packed(event_id)
    # Two values may have one hash: a tenant can find such values.
    return [hash_ + id_ for hash_ in dict.fromkeys(hashes_)]


def blocks(rows: Sequence[bytes]) -> list[tuple[bytes]]:
    """Rows of the shape NEW."""
    return [(b"".join(rows[at : at + BLOCK]),) for at in range(0, len(rows), BLOCK)]


def unpacked(block: bytes) -> list[Row]:
    parts = [block[at : at + ROW_BYTES] for at in range(0, len(block), ROW_BYTES)]
    ids = [text_of(part[HASH_BYTES:]) for part in parts]
    return [
        (hour_of(id_), number_of(part[:HASH_BYTES]), id_)
        for part, id_ in zip(parts, ids, strict=True)
    ]


def add(session: WriteSession, rows: Iterable[Row]) -> None:
    """In the order of the index, so that its pages are written once."""
    ordered: Sequence[Sequence[Any]] = sorted(set(rows))
    if session.connection().dialect.name == "sqlite":
        ordered = [(hour, hash_, packed(event_id)) for hour, hash_, event_id in ordered]
    bulk.insert(session, (VALUES, ordered))


def read_values(event_ids: Sequence[str]) -> Known:
    """The values of their payloads: an index of the values by event would double the index. A
    payload never changes until it is deleted, so this may be read before the transaction that
    deletes it: SQLite has one writer at a time."""
    known: dict[str, Sequence[Row]] = dict.fromkeys(event_ids, ())
    if not known:
        return known
    payloads = db.session.execute(
        select(Event.id, Event.organization_id, Event.payload)
        .where(Event.id.in_(event_ids), Event.payload.is_not(None))
        .execution_options(yield_per=_PAYLOADS)
    )
    for event_id, organization_id, payload in payloads:
        numbers = map(number_of, hashes(organization_id, values_of(bytes(payload or b""))))
        known[event_id] = [(hour_of(event_id), number, event_id) for number in numbers]
    return known


def delete_values(session: WriteSession, event_ids: Sequence[str], known: Known) -> None:
    """Before their payloads are deleted. known: what was read of them before; what is missing is
    read now."""
    missing = read_values([id_ for id_ in event_ids if id_ not in known])
    values = [(known.get(id_) or missing.get(id_) or ()) for id_ in event_ids]
    _delete(session, [row for rows in values for row in rows])


def delete_some_before(session: WriteSession, hour: int, limit: int) -> int:
    """Rows that are left of earlier hours, because an earlier release read other values from the
    payloads of that time, or because the payload was deleted before they were added. Returns their
    number."""
    keys = (EventValue.hour, EventValue.hash, EventValue.event_id)
    rows = session.execute(select(*keys).where(EventValue.hour < hour).limit(limit)).all()
    _delete(session, rows)
    return len(rows)


def _delete(session: WriteSession, rows: Iterable[Any]) -> None:
    keys = [
        {"of_hour": hour, "of_hash": hash_, "of_event": event_id}
        for hour, hash_, event_id in sorted(rows)
    ]
    if keys:
        session.connection().execute(_DELETE, keys)
