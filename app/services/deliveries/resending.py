"""Make deliveries due again in the caller's transaction."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, Row, delete, func, insert, literal, select, update

from app.domain.deliveries.states import PENDING
from app.domain.deliveries.tallies import Tallies
from app.models import Delivery, Due, Event, Resend, Webhook
from app.queries.deliveries.filters import is_due
from app.services.events.rows import DUE
from app.store import bulk
from app.store import key_order as ordering
from app.store.sessions import WriteSession
from app.store.tallies import append


@dataclass(frozen=True, slots=True)
class ResentBy:
    """As in the audit log: kind of the actor, and its name."""

    kind: str
    name: str


def resend_deliveries(
    session: WriteSession,
    organization_id: str,
    ids: Sequence[str],
    now: int,
    job_id: str | None = None,
    *,
    by: ResentBy | None = None,
) -> set[str]:
    """Returns those of `ids` that are due now. Open deliveries are sent next; ended ones that can
    be sent get a row in the due queue. Deliveries that a worker is sending are left alone. job_id:
    the job that resends them. by: who does, for their pages; None: they are not sent again."""
    ordering.lock_organizations(session, [organization_id], shared=True)
    expedited = _expedite(session, organization_id, ids, now)
    rest = [delivery_id for delivery_id in ids if delivery_id not in expedited]
    resent = expedited | _restart(session, organization_id, rest, now)
    if job_id is not None and resent:
        session.execute(
            update(Delivery).where(Delivery.id.in_(sorted(resent))).values(job_id=job_id)
        )
    if by is not None and resent:
        _note(session, sorted(resent), now, job_id, by)
    return resent


def _note(
    session: WriteSession, ids: Sequence[str], now: int, job_id: str | None, by: ResentBy
) -> None:
    """Replaces what was noted of the same attempt: only the last resend before it matters."""
    attempts = select(Delivery.attempts).where(Delivery.id == Resend.delivery_id).scalar_subquery()
    own = (Resend.delivery_id.in_(ids), Resend.number > attempts)
    session.execute(delete(Resend).where(*own).execution_options(synchronize_session=False))
    columns = (
        Delivery.id,
        Delivery.attempts + 1,
        Delivery.organization_id,
        literal(now, BigInteger),
        literal(by.kind),
        literal(by.name[:254]),
        literal(job_id, Resend.job_id.type),
    )
    names = [column.name for column in Resend.__table__.columns]
    rows = select(*columns).where(Delivery.id.in_(ids))
    session.execute(insert(Resend).from_select(names, rows))


def _expedite(
    session: WriteSession, organization_id: str, ids: Sequence[str], now: int
) -> set[str]:
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


def _restart(session: WriteSession, organization_id: str, ids: Sequence[str], now: int) -> set[str]:
    """Start a new run: attempt numbers continue, the retry policy starts again."""
    ended = _ended(session, organization_id, ids)
    pairs = {(row.webhook_id, key) for row in ended if (key := _key(row)) is not None}
    ordering.lock_keys(session, pairs)
    # Never inserted as the head of a key; `promote_heads` decides below.
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
        for row in ended
    ]
    restarted = bulk.insert_absent(session, DUE, rows, "delivery_id")
    ordering.promote_heads(session, pairs)
    _set_pending(session, restarted, now)
    _count(session, organization_id, (row.webhook_id for row in ended if row.id in restarted), now)
    return restarted


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
    """Lock ended deliveries that can be sent, ordered by the age of their event."""
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
    statement = (
        select(*columns)
        .join(Webhook, Webhook.id == Delivery.webhook_id)
        .join(Event, Event.id == Delivery.event_id)
        .where(
            Delivery.id.in_(ids),
            Delivery.organization_id == organization_id,
            Delivery.is_test.is_(False),
            Webhook.deleted_at.is_(None),
            Event.payload.is_not(None),
            ~is_due(),
        )
    )
    # Not by delivery id: a missed event's delivery is created later than those of newer events.
    statement = statement.order_by(Delivery.event_id, Delivery.id)
    return session.execute(statement.with_for_update(of=Delivery)).all()


def _set_pending(session: WriteSession, ids: set[str], now: int) -> None:
    if ids:
        session.execute(
            update(Delivery).where(Delivery.id.in_(ids)).values(state=PENDING, updated_at=now)
        )
