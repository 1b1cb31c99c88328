"""Making deliveries due again, a bounded number in one transaction."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Row, func, select, update

from app.domain.deliveries.states import PENDING
from app.domain.deliveries.tallies import Tallies
from app.models import Delivery, Due, Event, Webhook
from app.queries.deliveries.filters import is_due
from app.services.events.rows import DUE
from app.store import bulk
from app.store import key_order as ordering
from app.store.sessions import WriteSession
from app.store.tallies import append


def send_again(
    session: WriteSession, organization_id: str, ids: Sequence[str], now: int
) -> set[str]:
    """Those of `ids` that are due now: open ones are moved up, of the others each that can be
    sent gets a row in the ledger. One that a worker has at this moment is left to it."""
    ordering.lock_organizations(session, [organization_id], shared=True)
    moved = _move_up(session, organization_id, ids, now)
    rest = [delivery_id for delivery_id in ids if delivery_id not in moved]
    return moved | _begin_again(session, organization_id, rest, now)


def _move_up(session: WriteSession, organization_id: str, ids: Sequence[str], now: int) -> set[str]:
    statement = (
        update(Due)
        .where(
            Due.delivery_id.in_(ids),
            Due.organization_id == organization_id,
            Due.claimed_by.is_(None),
        )
        .values(next_at=now, run_start=Due.attempt)
        .returning(Due.delivery_id)
    )
    return set(session.scalars(statement))


def _begin_again(
    session: WriteSession, organization_id: str, ids: Sequence[str], now: int
) -> set[str]:
    """A new run: attempt numbers go on, the retry policy starts again."""
    found = _ended(session, organization_id, ids)
    pairs = {(row.webhook_id, key) for row in found if (key := _key(row)) is not None}
    ordering.lock_keys(session, pairs)
    # Never as the head of a key: whoever stands first of it is made that below.
    rows = [
        (
            row.id,
            organization_id,
            row.webhook_id,
            row.event_id,
            now,
            row.attempts + 1,
            row.attempts + 1,
            _key(row),
            _key(row) is None,
            row.size,
        )
        for row in found
    ]
    made = bulk.insert_absent(session, DUE, rows, "delivery_id")
    ordering.promote_heads(session, pairs)
    _set_pending(session, made, now)
    _count(session, organization_id, (row.webhook_id for row in found if row.id in made), now)
    return made


def _count(
    session: WriteSession, organization_id: str, webhook_ids: Iterable[str], now: int
) -> None:
    tallies = Tallies()
    for webhook_id in webhook_ids:
        tallies.add(organization_id, webhook_id, "resent")
    append(session, tallies, now)


def _key(row: Row[Any]) -> str | None:
    return ordering.key_of(row.ordering_key, row.source) if row.ordered else None


def _ended(session: WriteSession, organization_id: str, ids: Sequence[str]) -> Sequence[Row[Any]]:
    """Those that are not open and can be sent, by age of the event; nobody else begins them."""
    columns = (
        Delivery.id,
        Delivery.webhook_id,
        Delivery.event_id,
        Delivery.attempts,
        Webhook.ordered,
        Event.ordering_key,
        Event.source,
        func.length(Event.payload).label("size"),
    )
    wanted = (
        select(*columns)
        .join(Webhook, Webhook.id == Delivery.webhook_id)
        .join(Event, Event.id == Delivery.event_id)
        .where(
            Delivery.id.in_(ids),
            Delivery.organization_id == organization_id,
            Webhook.deleted_at.is_(None),
            Event.payload.is_not(None),
            ~is_due(),
        )
    )
    # One that was missed has its delivery made later than events that came after it have theirs.
    wanted = wanted.order_by(Delivery.event_id, Delivery.id)
    return session.execute(wanted.with_for_update(of=Delivery)).all()


def _set_pending(session: WriteSession, ids: set[str], now: int) -> None:
    if ids:
        session.execute(
            update(Delivery).where(Delivery.id.in_(ids)).values(state=PENDING, updated_at=now)
        )
