"""Append tallies: one row for each transaction."""

from typing import Any

import msgspec

from app.domain.deliveries.tallies import Tallies, minute_of
from app.models.maintenance.counters import Tally
from app.store import bulk
from app.store.bulk import Shape
from app.store.sessions import Executor

_TABLE: Any = Tally.__table__
TALLIES = Shape(_TABLE, ("minute", "deltas"))


def rows_of(tallies: Tallies, now: int) -> list[tuple[int, str]]:
    """Rows of the shape TALLIES: one, or none if there is nothing to count."""
    deltas = tallies.deltas()
    return [(minute_of(now), msgspec.json.encode(deltas).decode())] if deltas else []


def append(session: Executor, tallies: Tallies, now: int) -> None:
    bulk.insert(session, (TALLIES, rows_of(tallies, now)))
