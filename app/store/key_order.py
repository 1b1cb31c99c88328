"""Ordered delivery: of each ordering key, one due row at a time is the head and may be sent.

Invariant: while `due` has rows of (webhook, key), the one with the smallest id is the head, and no
other is. A transaction that inserts or deletes rows of a key locks the key first.
"""

from collections.abc import Iterable
from hashlib import blake2b

from sqlalchemy import Connection, Update, bindparam, func, select, tuple_, update
from sqlalchemy import exists as sql_exists
from sqlalchemy.orm import aliased

from app.models import Due
from app.store.direct import execute
from app.store.sessions import Executor

Key = tuple[str, str]

# Per statement; SQLite binds 32,766 values at most.
MAX_PAIRS = 500

_LOCK = "SELECT pg_advisory_xact_lock(n) FROM unnest(%s::bigint[]) AS n"
_LOCK_SHARED = "SELECT pg_advisory_xact_lock_shared(n) FROM unnest(%s::bigint[]) AS n"


def key_of(ordering_key: str | None, source: str | None) -> str:
    """The event's own ordering key, else its source, else one key for all."""
    return ordering_key if ordering_key is not None else source or ""


def lock_keys(session: Executor, keys: Iterable[Key]) -> None:
    """Lock (webhook id, ordering key) pairs until the transaction ends. Call it before inserting
    into `due`, so that ids follow the order of acceptance. A no-op on SQLite, which has one writer
    at a time."""
    _lock(session, _LOCK, (f"key:{webhook}:{key}" for webhook, key in keys))


def lock_organizations(session: Executor, ids: Iterable[str], *, shared: bool) -> None:
    """Publishing (shared) and changing a webhook (exclusive) exclude each other within an
    organization, so that no delivery is created for a deleted webhook. Take this lock first."""
    _lock(session, _LOCK_SHARED if shared else _LOCK, (f"organization:{i}" for i in ids))


def _lock(session: Executor, statement: str, names: Iterable[str]) -> None:
    # Always in the same order, to avoid deadlocks.
    numbers = sorted({_number(name) for name in names})
    if not numbers:
        return
    connection = session if isinstance(session, Connection) else session.connection()
    if connection.dialect.name == "postgresql":
        execute(connection, statement, (numbers,))


def _number(name: str) -> int:
    digest = blake2b(name.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


def keys_with_rows(session: Executor, keys: Iterable[Key]) -> set[Key]:
    """Which of the keys have rows in `due`."""
    unique = sorted(set(keys))
    if not unique:
        return set()
    pair = tuple_(Due.webhook_id, Due.ordering_key)
    keyed_rows = select(Due.webhook_id, Due.ordering_key).where(Due.ordering_key.is_not(None))
    present: set[Key] = set()
    for start in range(0, len(unique), MAX_PAIRS):
        batch = unique[start : start + MAX_PAIRS]
        rows = session.execute(keyed_rows.where(pair.in_(batch)).distinct())
        present.update((row[0], row[1] or "") for row in rows)
    return present


def promote_heads(session: Executor, keys: Iterable[Key]) -> None:
    """Make the first row of each key its head if it has none. The caller holds the keys' locks."""
    for webhook_id, ordering_key in sorted(set(keys)):
        session.execute(_PROMOTE, {"w": webhook_id, "k": ordering_key})


def _promote() -> Update:
    other, first = aliased(Due), aliased(Due)
    same = (other.webhook_id == bindparam("w"), other.ordering_key == bindparam("k"))
    smallest = select(func.min(first.id)).where(
        first.webhook_id == bindparam("w"), first.ordering_key == bindparam("k")
    )
    is_free = ~sql_exists(select(other.id).where(*same, other.head))
    return update(Due).where(Due.id == smallest.scalar_subquery(), is_free).values(head=True)


# Building it costs more than a millisecond, running it a tenth of one.
_PROMOTE = _promote()
