"""Deliveries with attempts, straight into the database: what pages are to show."""

from collections.abc import Sequence

from sqlalchemy import update

from app.domain.common.clock import now_ms
from app.domain.common.ids import new_id
from app.models import Attempt, Delivery, DeliveryBody, Due, Event
from app.models.common.base import db
from app.queries.deliveries.sent_bodies import sent_body
from app.store.transaction import write_transaction

ABOUT = {"event_type": "encoding.finished", "source": "media/1"}
REQUEST_HEAD = (
    b"POST /hook?a=1 HTTP/1.1\r\nHost: example.com\r\nContent-Type: application/json\r\n"
    b"Content-Length: %d\r\n\r\n"
)
RESPONSE_HEAD = b"HTTP/1.1 %d Status\r\nContent-Type: application/json\r\nX-Seen: yes\r\n\r\n"


def event(organization_id: str, payload: bytes | None = b'{"id": 1.10}', **more: object) -> str:
    """The id of a new event that nobody wanted."""
    now, id_ = now_ms(), new_id()
    columns = {"type": "encoding.finished", "source": "media/1", "created_at": now} | more
    with write_transaction() as session:
        session.add(
            Event(
                id=id_, organization_id=organization_id, occurred_at=now, payload=payload, **columns
            )
        )
    return id_


def delivery(
    organization_id: str,
    webhook_id: str,
    state: str = "failed",
    attempts: Sequence[tuple[int | None, str]] = ((503, "status"),),
    *,
    body: bytes | None = None,
    reply: bytes = b'{"error": "later"}',
    next_at: int | None = None,
    payload: bytes | None = b'{"id": 1.10}',
) -> str:
    """The id of a delivery with these attempts, each (status, cause). body: as it was stored."""
    event_id, id_, now = event(organization_id, payload), new_id(), now_ms()
    shared = {"organization_id": organization_id, "webhook_id": webhook_id}
    status, cause = attempts[-1] if attempts else (None, None)
    with write_transaction() as session:
        session.add(
            Delivery(
                id=id_,
                event_id=event_id,
                **ABOUT,
                state=state,
                attempts=len(attempts),
                last_status=status,
                last_cause=cause,
                created_at=now,
                updated_at=now,
                **shared,
            )
        )
        if body is not None:
            session.add(DeliveryBody(delivery_id=id_, content_type="text/plain", body=body))
        for number, (got, why) in enumerate(attempts, start=1):
            session.add(
                _attempt(id_, number=number, status=got, cause=why, reply=reply, shared=shared)
            )
        if next_at is not None:
            session.add(Due(delivery_id=id_, event_id=event_id, next_at=next_at, bytes=2, **shared))
    _say_how_long(organization_id, id_)
    return id_


def _say_how_long(organization_id: str, delivery_id: str) -> None:
    """As it went over the wire: with the length of the body that it carried."""
    row = db.session.get_one(Delivery, delivery_id)
    body = sent_body(organization_id, row)
    head = REQUEST_HEAD % (len(body.content) if body else 12)
    with write_transaction() as session:
        mine = update(Attempt).where(Attempt.delivery_id == delivery_id)
        session.execute(mine.values(request_head=head))


def _attempt(
    delivery_id: str,
    *,
    number: int,
    status: int | None,
    cause: str,
    reply: bytes,
    shared: dict[str, str],
) -> Attempt:
    return Attempt(
        delivery_id=delivery_id,
        number=number,
        started_at=now_ms() + number * 60_000,
        cause=cause,
        detail="",
        status=status,
        url="https://example.com/hook?a=1",
        request_head=b"",
        response_head=RESPONSE_HEAD % status if status else None,
        response_body=reply if status else None,
        remote_address="203.0.113.7",
        dns_us=1000,
        connect_us=2000,
        tls_us=3000,
        first_byte_us=40_000,
        total_us=50_000,
        **shared,
    )
