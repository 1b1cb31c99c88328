"""Add tallies to counters, each exactly once, and delete old counters."""

import time
from collections import Counter as Sums
from collections import defaultdict
from collections.abc import Iterable

import msgspec
from sqlalchemy import delete, select, tuple_

from app.domain.common.clock import now_ms
from app.domain.deliveries.spans import KEPT, start_of
from app.domain.deliveries.tallies import Delta
from app.models import Counter, Tally
from app.queries.maintenance import tasks as maintenance_queries
from app.services.maintenance.periodic import PeriodicTask
from app.store import bulk
from app.store import tallies as tally_rows
from app.store.bulk import Shape
from app.store.sessions import WriteSession
from app.store.transaction import write_transaction

# Tallies read at once, sums added in one transaction (each to two subjects in four spans), and
# counters deleted in one. None takes longer than a batch of events.
AT_ONCE = 200
SUMS_AT_ONCE = 400
REMOVED_AT_ONCE = 1_000
EVERY_SECONDS = 3.0
PRUNED_EVERY_SECONDS = 300.0

KEYS = ("subject_id", "span", "start", "metric")
COUNTERS = Shape(Counter.__table__, (*KEYS, "organization_id", "value"))

# (organization, webhook, metric, minute)
_Sum = tuple[str, str | None, str, int]
# (subject, span, start, metric, organization)
_Key = tuple[str, int, int, str, str]
_deltas = msgspec.json.Decoder(list[Delta])


class _AlreadyAdded(Exception):
    """Another worker was faster; roll back."""


def add_up(deadline: float) -> bool:
    """Add up batch by batch, until none is left or the deadline has passed."""
    while add_up_some(AT_ONCE):
        if time.monotonic() >= deadline:
            return True
    return False


def add_up_some(limit: int) -> bool:
    """Add up the oldest tallies. Returns whether there are more.

    They are summed before anything is locked, and count only if all of them still exist then. What
    is too much for one transaction becomes tallies again, but fewer."""
    rows = maintenance_queries.oldest_tallies(limit)
    if not rows:
        return False
    sums = list(_summed([(row[1], row[2]) for row in rows]).items())
    now, later = sums[:SUMS_AT_ONCE], sums[SUMS_AT_ONCE:]
    counters = [(*key, value) for key, value in sorted(_by_span(now).items())]
    try:
        with write_transaction() as session:
            _delete(session, [row[0] for row in rows])
            bulk.add_up(session, COUNTERS, counters, KEYS)
            bulk.insert(session, (tally_rows.TALLIES, _left(later)))
    except _AlreadyAdded:
        return False
    return len(rows) == limit or bool(later)


def _delete(session: WriteSession, ids: list[int]) -> None:
    deleted = delete(Tally).where(Tally.id.in_(ids)).returning(Tally.id)
    if len(session.scalars(deleted).all()) < len(ids):
        raise _AlreadyAdded


def _summed(rows: Iterable[tuple[int, str]]) -> Sums[_Sum]:
    sums: Sums[_Sum] = Sums()
    for minute, deltas in rows:
        for organization_id, webhook_id, metric, number in _deltas.decode(deltas):
            sums[organization_id, webhook_id, metric, minute] += number
    return sums


def _by_span(sums: Iterable[tuple[_Sum, int]]) -> Sums[_Key]:
    """For each webhook and the whole organization, and for each span."""
    by_span: Sums[_Key] = Sums()
    for (organization_id, webhook_id, metric, minute), number in sums:
        for span in KEPT:
            start = start_of(minute, span)
            by_span[organization_id, span, start, metric, organization_id] += number
            if webhook_id is not None:
                by_span[webhook_id, span, start, metric, organization_id] += number
    return by_span


def _left(sums: Iterable[tuple[_Sum, int]]) -> list[tuple[int, str]]:
    """One tally for each minute."""
    by_minute: dict[int, list[Delta]] = defaultdict(list)
    for (organization_id, webhook_id, metric, minute), number in sums:
        by_minute[minute].append((organization_id, webhook_id, metric, number))
    return [(minute, msgspec.json.encode(deltas).decode()) for minute, deltas in by_minute.items()]


def prune(deadline: float) -> bool:
    """Delete counters that are older than their span is kept."""
    now = now_ms()
    for span, seconds in KEPT.items():
        while _prune_some(span, now - seconds * 1000) == REMOVED_AT_ONCE:
            if time.monotonic() >= deadline:
                return True
    return False


def _prune_some(span: int, before: int) -> int:
    if not maintenance_queries.has_counters(span, before):
        return 0
    old = (Counter.span == span, Counter.start < before)
    key = [Counter.__table__.c[name] for name in KEYS]
    batch = select(*key).where(*old).limit(REMOVED_AT_ONCE)
    with write_transaction() as session:
        deleted = delete(Counter).where(tuple_(*key).in_(batch)).returning(Counter.span)
        return len(session.scalars(deleted).all())


COUNTING = PeriodicTask("adding up", EVERY_SECONDS, add_up, maintenance_queries.tallies)
PRUNING = PeriodicTask("pruning counters", PRUNED_EVERY_SECONDS, prune)
