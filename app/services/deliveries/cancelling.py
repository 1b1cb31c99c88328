"""Cancel open deliveries in the caller's transaction."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import delete, select, update

from app.domain.deliveries.states import CANCELLED
from app.domain.deliveries.tallies import Tallies
from app.models import Delivery, Due
from app.services.maintenance.in_flight_counts import subtract
from app.store import key_order as ordering
from app.store.sessions import WriteSession
from app.store.tallies import append


def cancel_deliveries(
    session: WriteSession,
    organization_id: str,
    ids: Sequence[str],
    now: int,
    job_id: str | None = None,
) -> set[str]:
    """Returns those of `ids` that were open. The next deliveries of their ordering keys become
    heads. A worker that is sending one finds its claim gone, and records nothing. job_id: the job
    that cancels them."""
    conditions = (Due.delivery_id.in_(ids), Due.organization_id == organization_id)
    keys = session.execute(
        select(Due.webhook_id, Due.ordering_key).where(*conditions, Due.ordering_key.is_not(None))
    )
    pairs = {(row[0], row[1] or "") for row in keys}
    ordering.lock_keys(session, pairs)
    session.execute(select(Due.id).where(*conditions).order_by(Due.id).with_for_update())
    columns = (Due.delivery_id, Due.webhook_id, Due.claimed_by)
    removed = delete(Due).where(*conditions)
    rows = session.execute(removed.returning(*columns)).all()
    cancelled = {row[0]: row[1] for row in rows}
    if cancelled:
        subtract(session, (row[1] for row in rows if row[2] is not None))
        _count(session, organization_id, cancelled.values(), now)
        values: dict[str, Any] = {"state": CANCELLED, "updated_at": now}
        if job_id is not None:
            values["job_id"] = job_id
        session.execute(update(Delivery).where(Delivery.id.in_(cancelled)).values(**values))
    ordering.promote_heads(session, pairs)
    return set(cancelled)


def _count(
    session: WriteSession, organization_id: str, webhook_ids: Iterable[str], now: int
) -> None:
    tallies = Tallies()
    for webhook_id in webhook_ids:
        tallies.add(organization_id, webhook_id, CANCELLED)
    append(session, tallies, now)
