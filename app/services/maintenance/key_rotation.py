"""Encrypt everything with the current SECRET_KEY that a previous one encrypted.

Runs while the product does: rows are read in small batches and changed only if nobody else has
changed them since. It can be interrupted and repeated: what the current key encrypted stays.
"""

import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cryptography.fernet import InvalidToken
from sqlalchemy import Table, and_, bindparam, update

from app.domain.deliveries.sealing import resealed
from app.models import Attempt, DeliveryBody, Installation, TestInboxRequest
from app.models.common.base import Base, db
from app.models.maintenance.installation import INSTALLATION_ID
from app.queries.maintenance import installation as installation_queries
from app.runtime.context import runtime
from app.services.accounts.actor import SYSTEM
from app.services.audit import log as audit
from app.services.maintenance.secret_key import CANARY, record_or_check
from app.store.transaction import write_transaction

BATCH = 200
LONGEST_REST = 0.5

Reseal = Callable[[Any], Any]


@dataclass(slots=True)
class Progress:
    """Counts of one table. rows: examined. resealed, unreadable: secrets; no configured key
    decrypts the unreadable ones."""

    name: str
    rows: int = 0
    resealed: int = 0
    unreadable: int = 0


def rotate() -> Iterator[Progress]:
    """Reseal table by table, yielding each result; at the end record the current key.
    WrongSecretKey: the key of the database is not configured."""
    record_or_check()
    for table, columns in _sealed_tables():
        yield _rotate_table(table, columns)
    _record_key()


def sealed_columns() -> dict[str, list[str]]:
    """The columns whose whole value is encrypted, by table."""
    tables = {
        table.name: [column.name for column in table.columns if column.info.get("sealed")]
        for table in Base.metadata.sorted_tables
        if table is not Installation.__table__
    }
    return {name: columns for name, columns in tables.items() if columns}


def _sealed_tables() -> Iterator[tuple[Table, Mapping[str, Callable[[Progress], Reseal]]]]:
    for name, columns in sealed_columns().items():
        yield Base.metadata.tables[name], dict.fromkeys(columns, _whole)
    # Requests as they were sent, with the secrets in them encrypted.
    yield DeliveryBody.__table__, {"body": _inside}
    yield TestInboxRequest.__table__, {"head": _inside}
    yield Attempt.__table__, {"url": _inside_text, "request_head": _inside}


def _rotate_table(table: Table, columns: Mapping[str, Callable[[Progress], Reseal]]) -> Progress:
    progress = Progress(table.name)
    reseals = {name: make(progress) for name, make in columns.items()}
    after = None
    while rows := installation_queries.sealed_rows(table, list(columns), after, BATCH):
        # Ends the read: resealing and waiting for the write lock hold no transaction open.
        db.session.commit()
        after = rows[-1][0]
        progress.rows += len(rows)
        changes: dict[str, list[dict[str, object]]] = defaultdict(list)
        for row in rows:
            values: Sequence[Any] = row[1:]
            for name, old in zip(columns, values, strict=True):
                if old is not None and (new := reseals[name](old)) != old:
                    changes[name].append({"row_key": row[0], "old": old, "new": new})
        if changes:
            _write(table, changes)
    db.session.commit()
    return progress


def _write(table: Table, changes: Mapping[str, Sequence[Mapping[str, object]]]) -> None:
    """In one transaction, by column. The pause after it lets other writers take their turn: on
    SQLite there is one at a time, and the next one is not chosen by how long it has waited."""
    (key,) = table.primary_key.columns
    with write_transaction() as session:
        connection, started = session.connection(), time.monotonic()
        for name, rows in changes.items():
            unchanged = and_(key == bindparam("row_key"), table.c[name] == bindparam("old"))
            statement = update(table).where(unchanged).values({name: bindparam("new")})
            connection.execute(statement, list(rows))
    time.sleep(min(time.monotonic() - started, LONGEST_REST))


def _whole(progress: Progress) -> Reseal:
    vault = runtime().vault

    def reseal(sealed: bytes) -> bytes:
        try:
            new = vault.reseal(sealed)
        except InvalidToken:
            progress.unreadable += 1
            return sealed
        progress.resealed += new != sealed
        return new

    return reseal


def _inside(progress: Progress) -> Reseal:
    reseal = _whole(progress)
    return lambda recorded: resealed(recorded, reseal)


def _inside_text(progress: Progress) -> Reseal:
    inside = _inside(progress)
    return lambda text: inside(text.encode()).decode()


def _record_key() -> None:
    vault = runtime().vault
    with write_transaction() as session:
        row = session.get(Installation, INSTALLATION_ID)
        if row is not None and row.key_fingerprint != vault.fingerprint:
            before = {"fingerprint": row.key_fingerprint}
            row.canary, row.key_fingerprint = vault.seal(CANARY), vault.fingerprint
            after = {"fingerprint": vault.fingerprint}
            action = "secret_key.rotate"
            audit.record(session, None, SYSTEM, action, before=before, after=after)
