"""The order of an ordered webhook's deliveries: of each key, one due row at a time is the head.

The invariant: as long as rows of (webhook, key) stand, the one with the smallest id is the head
and no other is. Whoever adds or takes away rows of a key holds its lock in that transaction.
"""

from collections.abc import Iterable
from hashlib import blake2b

from sqlalchemy import Connection, TextClause, bindparam, func, select, text, tuple_, update
from sqlalchemy import exists as sql_exists
from sqlalchemy.orm import aliased

from app.models import Due
from app.store.sessions import Executor

Key = tuple[str, str]

# In one statement; SQLite binds 32,766 values at most.
MAX_PAIRS = 500

_LOCK = text("SELECT pg_advisory_xact_lock(n) FROM unnest(CAST(:numbers AS bigint[])) AS n")
_LOCK_SHARED = text(
    "SELECT pg_advisory_xact_lock_shared(n) FROM unnest(CAST(:numbers AS bigint[])) AS n"
)


def key_of(ordering_key: str | None, source: str | None) -> str:
    """What orders an event on an ordered webhook: its own key, else its source, else all alike."""
    return ordering_key if ordering_key is not None else source or ""


def lock_keys(session: Executor, keys: Iterable[Key]) -> None:
    """Hold (webhook id, ordering key) pairs until the transaction ends; before an identity of
    `due` is drawn for them. SQLite's writers are alone anyway."""
    _lock(session, _LOCK, (f"key:{webhook}:{key}" for webhook, key in keys))


def lock_organizations(session: Executor, ids: Iterable[str], *, shared: bool) -> None:
    """Publishing (shared) and changing a webhook (not shared) exclude each other within an
    organization, so that no delivery is made for what was just deleted. Take it first."""
    _lock(session, _LOCK_SHARED if shared else _LOCK, (f"organization:{i}" for i in ids))


def _lock(session: Executor, statement: TextClause, names: Iterable[str]) -> None:
    # Always in the same order, so that two transactions never wait for each other.
    numbers = sorted({_number(name) for name in names})
    if not numbers:
        return
    connection = session if isinstance(session, Connection) else session.connection()
    if connection.dialect.name == "postgresql":
        connection.execute(statement, {"numbers": numbers})


def _number(name: str) -> int:
    digest = blake2b(name.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


def keys_with_rows(session: Executor, keys: Iterable[Key]) -> set[Key]:
    """Which of the keys have rows in `due`."""
    wanted = sorted(set(keys))
    if not wanted:
        return set()
    pair = tuple_(Due.webhook_id, Due.ordering_key)
    standing_rows = select(Due.webhook_id, Due.ordering_key).where(Due.ordering_key.is_not(None))
    found: set[Key] = set()
    for start in range(0, len(wanted), MAX_PAIRS):
        some = wanted[start : start + MAX_PAIRS]
        rows = session.execute(standing_rows.where(pair.in_(some)).distinct())
        found.update((row[0], row[1] or "") for row in rows)
    return found


def promote(session: Executor, keys: Iterable[Key]) -> None:
    """Make the first of each key its head where it has none; under the key's lock."""
    other, first = aliased(Due), aliased(Due)
    same = (other.webhook_id == bindparam("w"), other.ordering_key == bindparam("k"))
    smallest = select(func.min(first.id)).where(
        first.webhook_id == bindparam("w"), first.ordering_key == bindparam("k")
    )
    statement = (
        update(Due)
        .where(
            Due.id == smallest.scalar_subquery(),
            ~sql_exists(select(other.id).where(*same, other.head)),
        )
        .values(head=True)
        .execution_options(synchronize_session=False)
    )
    for webhook_id, ordering_key in sorted(set(keys)):
        session.execute(statement, {"w": webhook_id, "k": ordering_key})
