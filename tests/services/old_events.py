"""Events of long ago, with all that belongs to them, and a round of cleaning."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select

from app.domain.common import ids
from app.domain.common.clock import now_ms
from app.domain.maintenance.retention import DAY_MS
from app.models import (
    Attempt,
    Delivery,
    DeliveryBody,
    Due,
    Event,
    IdempotencyKey,
)
from app.models.common.base import db
from app.services.accounts.actor import SYSTEM
from app.services.maintenance import retention
from app.store.transaction import write_transaction

HEAD = b"POST /hook HTTP/1.1\r\nHost: example.com\r\n\r\n"


def old_id(days: float) -> str:
    """An id as it was made so many days ago."""
    return ids.first_id_of(now_ms() - int(days * DAY_MS))[:14] + ids.new_id()[14:]


def old(
    organization: Any,
    webhook_id: str,
    days: float,
    states: Sequence[str] = ("failed",),
    *,
    touched: float | None = None,
    head: bytes = HEAD,
    url: str = "https://example.com/hook",
) -> str:
    """The id of an event of so many days ago with a delivery in each state and all that belongs
    to them. touched: days since the deliveries' last change."""
    event_id, at = old_id(days), now_ms() - int(days * DAY_MS)
    last = at if touched is None else now_ms() - int(touched * DAY_MS)
    mine = {"organization_id": organization.id}
    with write_transaction() as session:
        session.add(
            Event(
                id=event_id,
                type="encoding.finished",
                occurred_at=at,
                created_at=at,
                producer_id=event_id,
                payload=b'{"title": "secret"}',
                **mine,
            )
        )
        session.add(
            IdempotencyKey(
                key=event_id, event_id=event_id, fingerprint=b"f" * 32, created_at=at, **mine
            )
        )
        session.flush()
        for state in states:
            shared = {"webhook_id": webhook_id, **mine}
            _add_delivery(session, event_id, state, last, shared, head=head, url=url)
    return event_id


def _add_delivery(
    session: Any, event_id: str, state: str, last: int, shared: Any, **sent: Any
) -> None:
    id_ = ids.new_id()
    session.add(
        Delivery(
            id=id_,
            event_id=event_id,
            event_type="encoding.finished",
            state=state,
            attempts=2,
            created_at=last,
            updated_at=last,
            **shared,
        )
    )
    session.add(DeliveryBody(delivery_id=id_, content_type="text/plain", body=b"secret"))
    for number in (1, 2):
        session.add(
            Attempt(
                delivery_id=id_,
                number=number,
                started_at=last,
                cause="status",
                detail="",
                status=500,
                url=sent["url"],
                request_head=sent["head"],
                response_head=b"HTTP/1.1 500 No\r\n\r\n",
                response_body=b"secret",
                response_truncated=False,
                total_us=1,
                **shared,
            )
        )
    if state in ("pending", "retrying"):
        due = {"delivery_id": id_, "event_id": event_id, "next_at": now_ms() + 60_000}
        session.add(Due(bytes=2, **due, **shared))


def clean(now: int | None = None) -> int:
    """A whole round; how many transactions it took."""
    retention._mark_new(now_ms())
    number = 0
    while retention.clean_some(now or now_ms()):
        number += 1
    return number


def number(model: Any) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def existing_ids() -> set[str]:
    db.session.rollback()
    return set(db.session.scalars(select(Event.id)))


def keep(organization: Any, days: int | None, payload_days: int | None = None) -> None:
    retention.choose(organization.id, days, payload_days, SYSTEM)


ALL = (Event, Delivery, Attempt, DeliveryBody, IdempotencyKey)
