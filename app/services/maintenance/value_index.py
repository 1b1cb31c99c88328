"""Add the values of new events to the index by which they are searched."""

import time

from sqlalchemy import delete

from app.models import NewValues
from app.queries.maintenance import value_index as queries
from app.services.maintenance.periodic import PeriodicTask
from app.store import event_values
from app.store.sessions import WriteSession
from app.store.transaction import write_transaction

# Until then a search reads what waits. Adding more at once costs less for each.
EVERY_SECONDS = 10.0
# How long deleting an event's content waits for its values.
_PATIENCE_SECONDS = 5.0


class _AlreadyAdded(Exception):
    """Another worker was faster; roll back."""


def work(deadline: float) -> bool:
    """Add block by block, until none is left or the deadline has passed."""
    while add_some():
        if time.monotonic() >= deadline:
            return True
    return False


def add_all() -> None:
    """So that all values of an event are where they can be deleted."""
    work(time.monotonic() + _PATIENCE_SECONDS)


def add_some() -> bool:
    """Add the oldest blocks. Returns whether there may be more."""
    blocks = queries.oldest_blocks(event_values.BLOCK * event_values.ROW_BYTES)
    if not blocks:
        return False
    rows = [row for _, block in blocks for row in event_values.unpacked(bytes(block))]
    try:
        with write_transaction() as session:
            _delete(session, [id_ for id_, _ in blocks])
            event_values.add(session, rows)
    except _AlreadyAdded:
        return False
    return True


def _delete(session: WriteSession, ids: list[int]) -> None:
    deleted = delete(NewValues).where(NewValues.id.in_(ids)).returning(NewValues.id)
    if len(session.scalars(deleted).all()) < len(ids):
        raise _AlreadyAdded


INDEXING = PeriodicTask("indexing values", EVERY_SECONDS, work, queries.blocks)
