"""The next rows of an export, as bytes of its file."""

from dataclasses import dataclass

import msgspec

from app.domain.common.clock import iso
from app.models import Event
from app.queries.common.pages import decode_cursor, encode_cursor
from app.queries.deliveries import listing as delivery_queries
from app.queries.deliveries.filters import DeliveryFilter
from app.queries.deliveries.walks import ids_above
from app.queries.events import listing as event_queries
from app.queries.events import payloads
from app.queries.events.listing import EventFilter
from app.services.deliveries import export_rows

AT_ONCE = 500
# Of payloads in one step.
MAX_BYTES = 8 << 20
EVENT_FIELDS = (
    "id",
    "type",
    "source",
    "ordering_key",
    "producer_id",
    "occurred_at",
    "created_at",
    "payload",
)


@dataclass(frozen=True, slots=True)
class Rows:
    """head: what a file begins with. content: of `number` rows. edge: the position after them;
    None: they are the last. first: which rows a file has that became too large."""

    head: bytes
    content: bytes
    number: int
    edge: str | None
    first: str


def more(
    organization_id: str, filters: DeliveryFilter | EventFilter, position: str | None, kind: str
) -> Rows:
    """kind: `csv` or `ndjson`. Deliveries come oldest first, events newest first."""
    if isinstance(filters, EventFilter):
        return _events(organization_id, filters, position, kind)
    stretch = ids_above(organization_id, filters, position, AT_ONCE)
    rows = delivery_queries.get_many(organization_id, [row.id for row in stretch.rows])
    records = [export_rows.record(row) for row in reversed(rows)]
    head, content = export_rows.head(kind), export_rows.lines(kind, records)
    return Rows(head, content, len(records), stretch.edge, "oldest deliveries")


def events_below(
    organization_id: str, filters: EventFilter, position: str | None
) -> tuple[list[Event], str | None]:
    """The next events below the position, newest first, and the position after them."""
    cursor = None if position is None else encode_cursor(position)
    page = event_queries.page(organization_id, filters, AT_ONCE, cursor)
    return page.rows, decode_cursor(page.next_cursor)


def _events(organization_id: str, filters: EventFilter, position: str | None, kind: str) -> Rows:
    events, edge = events_below(organization_id, filters, position)
    read = payloads.whole(organization_id, [event.id for event in events], MAX_BYTES)
    # Retention may have deleted some of them since.
    records = [_record(event, read[event.id]) for event in events if event.id in read]
    last = next(reversed(read), None)
    if last is not None and last != events[-1].id:
        edge = last
    is_csv = kind == "csv"
    head = export_rows.csv_text([EVENT_FIELDS]) if is_csv else b""
    content = b"".join(_csv_line(each) if is_csv else _line(each) for each in records)
    return Rows(head, content, len(records), edge, "newest events")


def _record(event: Event, payload: bytes | None) -> dict[str, object]:
    """With the names of the API. A payload on one line, as JSON text; its numbers are not read."""
    return {
        "id": event.id,
        "type": event.type,
        "source": event.source,
        "ordering_key": event.ordering_key,
        "producer_id": event.producer_id,
        "occurred_at": iso(event.occurred_at),
        "created_at": iso(event.created_at),
        "payload": None if payload is None else msgspec.json.format(payload, indent=-1),
    }


def _line(fields: dict[str, object]) -> bytes:
    payload = fields["payload"]
    raw = msgspec.Raw(payload) if isinstance(payload, bytes) else None
    return msgspec.json.encode(fields | {"payload": raw}) + b"\n"


def _csv_line(fields: dict[str, object]) -> bytes:
    payload = fields["payload"]
    text = payload.decode() if isinstance(payload, bytes) else ""
    cells = (fields | {"payload": text}).values()
    return export_rows.csv_text([[export_rows.cell(value) for value in cells]])
