"""Adding tallies up into counters, each exactly once, and taking old counters away."""

import time
from collections import Counter as Sums
from collections.abc import Sequence

import msgspec
from sqlalchemy import Text, cast, delete, select, tuple_

from app.domain.clock import now_ms
from app.domain.spans import KEPT, start_of
from app.domain.tallies import Delta
from app.extensions import db
from app.models import Counter, Tally, bulk
from app.models.bulk import Shape
from app.services.chores import Chore
from app.services.transaction import writing

# Tallies added up in one transaction, and counters taken away in one.
AT_ONCE = 200
REMOVED_AT_ONCE = 1_000
EVERY_SECONDS = 3.0
PRUNED_EVERY_SECONDS = 300.0

KEYS = ("subject_id", "span", "start", "metric")
COUNTERS = Shape(Counter.__table__, (*KEYS, "organization_id", "value"))

# (subject, span, start, metric, organization)
_Key = tuple[str, int, int, str, str]
_deltas = msgspec.json.Decoder(list[Delta])


class _Taken(Exception):
    """Somebody else was faster: nothing of this counts."""


def add_up(deadline: float) -> bool:
    """A chore's work: batch by batch, until none waits or the time is over."""
    while True:
        if add_up_some(AT_ONCE) < AT_ONCE:
            return False
        if time.monotonic() >= deadline:
            return True


def add_up_some(limit: int) -> int:
    """The oldest tallies; how many there were. They are summed up before anything is locked, and
    count only if all of them still stand then."""
    wanted = select(Tally.id, Tally.minute, cast(Tally.deltas, Text))
    rows = db.session.execute(wanted.order_by(Tally.id).limit(limit)).all()
    if not rows:
        return 0
    ids = [row[0] for row in rows]
    sums = sorted(_sums([(row[1], row[2]) for row in rows]).items())
    try:
        with writing() as session:
            gone = delete(Tally).where(Tally.id.in_(ids)).returning(Tally.id)
            gone = gone.execution_options(synchronize_session=False)
            if len(session.scalars(gone).all()) < len(ids):
                raise _Taken
            bulk.add_up(session, COUNTERS, [(*key, value) for key, value in sums], KEYS)
    except _Taken:
        return 0
    return len(ids)


def _sums(rows: Sequence[tuple[int, str]]) -> Sums[_Key]:
    """Of each webhook and of the whole organization, for each span."""
    minutes: Sums[tuple[str, str, str, int]] = Sums()
    for minute, deltas in rows:
        for organization_id, webhook_id, metric, number in _deltas.decode(deltas):
            minutes[organization_id, organization_id, metric, minute] += number
            if webhook_id is not None:
                minutes[organization_id, webhook_id, metric, minute] += number
    found: Sums[_Key] = Sums()
    for (organization_id, subject_id, metric, minute), number in minutes.items():
        for span in KEPT:
            found[subject_id, span, start_of(minute, span), metric, organization_id] += number
    return found


def prune(deadline: float) -> bool:
    """A chore's work: take away what is older than its span is kept."""
    now = now_ms()
    for span, seconds in KEPT.items():
        while _prune_some(span, now - seconds * 1000) == REMOVED_AT_ONCE:
            if time.monotonic() >= deadline:
                return True
    return False


def _prune_some(span: int, before: int) -> int:
    old = (Counter.span == span, Counter.start < before)
    if db.session.scalar(select(Counter.span).where(*old).limit(1)) is None:
        return 0
    key = [Counter.__table__.c[name] for name in KEYS]
    some = select(*key).where(*old).limit(REMOVED_AT_ONCE)
    with writing() as session:
        gone = delete(Counter).where(tuple_(*key).in_(some)).returning(Counter.span)
        return len(session.scalars(gone.execution_options(synchronize_session=False)).all())


COUNTING = Chore("adding up", EVERY_SECONDS, add_up)
PRUNING = Chore("pruning counters", PRUNED_EVERY_SECONDS, prune)
