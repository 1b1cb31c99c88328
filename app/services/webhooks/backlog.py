"""Apply a change of a webhook to its open deliveries."""

from sqlalchemy import delete, select, update

from app.domain.deliveries.states import CANCELLED
from app.domain.deliveries.tallies import Tallies
from app.models import Delivery, Due, Event
from app.services.maintenance.in_flight_counts import subtract
from app.store import key_order as ordering
from app.store.sessions import WriteSession
from app.store.tallies import append


def cancel_all(session: WriteSession, organization_id: str, webhook_id: str, now: int) -> None:
    """Cancel all open deliveries. A worker that is sending one finds its claim gone, and records
    nothing."""
    due_ids = select(Due.id).where(Due.webhook_id == webhook_id)
    session.execute(due_ids.order_by(Due.id).with_for_update())
    open_ = select(Due.delivery_id).where(Due.webhook_id == webhook_id)
    session.execute(
        update(Delivery).where(Delivery.id.in_(open_)).values(state=CANCELLED, updated_at=now),
    )
    removed = delete(Due).where(Due.webhook_id == webhook_id).returning(Due.claimed_by)
    tallies = Tallies()
    claims = session.execute(removed).scalars().all()
    subtract(session, (webhook_id for claimed_by in claims if claimed_by is not None))
    tallies.add(organization_id, webhook_id, CANCELLED, len(claims))
    append(session, tallies, now)


def assign_ordering_keys(session: WriteSession, webhook_id: str) -> None:
    """Give each waiting delivery its ordering key. The first of each key becomes the head, even if
    several of a key are in flight at the moment."""
    statement = (
        select(Due.id, Event.ordering_key, Event.source)
        .join(Event, Event.id == Due.event_id)
        .where(Due.webhook_id == webhook_id)
        .order_by(Due.id)
    )
    keys = {ordering.key_of(row[1], row[2]) for row in session.execute(statement)}
    ordering.lock_keys(session, ((webhook_id, key) for key in keys))
    seen: set[str] = set()
    changes = []
    for due_id, ordering_key, source in session.execute(statement.with_for_update(of=Due)):
        key = ordering.key_of(ordering_key, source)
        changes.append({"id": due_id, "ordering_key": key, "head": key not in seen})
        seen.add(key)
    if changes:
        session.execute(update(Due), changes)


def clear_ordering_keys(session: WriteSession, webhook_id: str) -> None:
    """Remove ordering keys, so that no delivery waits for another."""
    session.execute(
        update(Due).where(Due.webhook_id == webhook_id).values(ordering_key=None, head=True),
    )
