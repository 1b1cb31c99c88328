"""Find and repair rows that do not fit together: after a restored backup, changes by hand, or a
fault of ours. Nothing here happens while everything works."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, delete, update

from app.domain.common.clock import now_ms
from app.domain.deliveries.states import CANCELLED
from app.models import Delivery, Due
from app.queries.maintenance import consistency as queries
from app.queries.maintenance import tasks as maintenance_queries
from app.runtime.context import runtime
from app.services.deliveries.resending import resend_deliveries
from app.services.maintenance.in_flight_counts import AT_ONCE, recount
from app.store import key_order
from app.store.sessions import WriteSession
from app.store.transaction import write_transaction

_BATCH = 500
_Rows = Sequence[Row[*tuple[Any, ...]]]


@dataclass(frozen=True, slots=True)
class Finding:
    """title: what is wrong with the rows. number: how many. remedy: what the repair did."""

    title: str
    number: int
    remedy: str


@dataclass(frozen=True, slots=True)
class _Check:
    title: str
    remedy: str
    find: Callable[[], queries.Statement]
    repair: Callable[[WriteSession, _Rows], None]


def inspect() -> list[Finding]:
    """Change nothing."""
    findings = [Finding(c.title, queries.number(c.find()), c.remedy) for c in _CHECKS]
    return [*findings, _wrong_counts(len(maintenance_queries.wrong_in_flight_counts(AT_ONCE)))]


def repair() -> list[Finding]:
    """Repair in small transactions; the number of each finding is what was repaired."""
    findings = []
    for check in _CHECKS:
        number = 0
        while repaired := _repair_some(check):
            number += repaired
        findings.append(Finding(check.title, number, check.remedy))
    wrong = len(maintenance_queries.wrong_in_flight_counts(AT_ONCE))
    while recount(0):
        wrong += AT_ONCE
    runtime().wake_up.notify()
    return [*findings, _wrong_counts(wrong)]


def _repair_some(check: _Check) -> int:
    with write_transaction() as session:
        rows = queries.rows(check.find(), _BATCH)
        if rows:
            check.repair(session, rows)
        return len(rows)


def _requeue(session: WriteSession, rows: _Rows) -> None:
    """Queue the deliveries; those that cannot be sent any more are cancelled."""
    by_organization: dict[str, list[str]] = defaultdict(list)
    for organization_id, delivery_id in rows:
        by_organization[organization_id].append(delivery_id)
    now = now_ms()
    for organization_id, ids in by_organization.items():
        queued = resend_deliveries(session, organization_id, ids, now)
        rest = [delivery_id for delivery_id in ids if delivery_id not in queued]
        ended = update(Delivery).where(Delivery.id.in_(rest))
        session.execute(ended.values(state=CANCELLED, updated_at=now))


def _remove(session: WriteSession, rows: _Rows) -> None:
    keys = {(row.webhook_id, row.ordering_key) for row in rows if row.ordering_key is not None}
    key_order.lock_keys(session, keys)
    session.execute(delete(Due).where(Due.id.in_([row.id for row in rows])))
    key_order.promote_heads(session, keys)


def _free(session: WriteSession, rows: _Rows) -> None:
    claims = Due.id.in_([row.id for row in rows])
    worker_ids = {row.claimed_by for row in rows}
    free = update(Due).where(claims, Due.claimed_by.in_(worker_ids)).values(claimed_by=None)
    session.execute(free)


def _promote(session: WriteSession, rows: _Rows) -> None:
    keys = {(row.webhook_id, row.ordering_key) for row in rows}
    key_order.lock_keys(session, keys)
    key_order.promote_heads(session, keys)


def _show(session: WriteSession, rows: _Rows) -> None:
    session.execute(update(Due).where(Due.id.in_([row.id for row in rows])).values(head=True))


# In the order in which a repair may reveal the next problem.
_CHECKS = (
    _Check(
        "Rows of the due queue whose delivery has ended",
        "removed",
        queries.stray_rows,
        _remove,
    ),
    _Check(
        "Open deliveries that are not in the due queue",
        "queued, or cancelled if they cannot be sent any more",
        queries.lost_deliveries,
        _requeue,
    ),
    _Check("Claims of workers that do not exist", "freed", queries.claims_of_nobody, _free),
    _Check("Ordering keys that wait for nothing", "released", queries.headless_keys, _promote),
    _Check("Unordered deliveries that are held back", "released", queries.hidden_rows, _show),
)


def _wrong_counts(number: int) -> Finding:
    return Finding("Webhooks with a wrong number in flight", number, "corrected")
