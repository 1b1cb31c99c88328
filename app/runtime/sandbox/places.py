"""Bound how many threads of a process wait for an organization's filters and schema checks.

The APIs have few threads. One count for both sandboxes leaves some of them to other organizations.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from app.runtime.limits.slots import Slots
from app.runtime.sandbox.pool import Busy

# Of the eight threads of the APIs.
PLACES = 5
# Of these, for schemas that are saved or imported: they leave others to publishing.
SCHEMA_PLACES = 2
# More than a process has threads.
_TOTAL = 1_000


def new_places() -> Slots:
    return Slots(_TOTAL, PLACES)


def new_schema_places() -> Slots:
    return Slots(_TOTAL, SCHEMA_PLACES)


@contextmanager
def place_of(places: Slots, organization_id: str) -> Iterator[None]:
    """Hold one of the organization's places. Busy: all are taken."""
    token = places.acquire(organization_id)
    if token is None:
        raise Busy
    try:
        yield
    finally:
        places.release(token)
