"""Encrypt the credentials that earlier releases stored in plain text.

Earlier releases kept every header in `webhooks.headers`, and recorded `Authorization` as it was
sent. Nothing changes while a worker of such a release is registered, because it reads that column
alone. Then small batches follow, each in a transaction of its own; each walk stores its position.
"""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from cryptography.fernet import InvalidToken
from sqlalchemy import Table, bindparam, select, update

from app.domain.common.clock import now_ms
from app.domain.deliveries.sealing import sealed_headers, secret_header_names
from app.domain.webhooks.headers import CREDENTIALS, split
from app.domain.webhooks.rows import facts_from_row
from app.models import Attempt, AuditEntry, SealingMark, TestInboxRequest, Webhook
from app.models.common.base import db
from app.queries import workers as worker_queries
from app.queries.maintenance import sealing as sealing_queries
from app.runtime.context import runtime
from app.services.maintenance.periodic import PeriodicTask
from app.services.webhooks import secret_headers
from app.store.deadlocks import retry_on_deadlock
from app.store.transaction import write_transaction

BATCH = 200
# Between two rounds through the webhooks.
ROUND_MS = 600_000
ATTEMPTS, AUDIT, INBOX, WEBHOOKS = "attempts", "audit_entries", "caught_requests", "webhooks"
_HIDDEN = "(hidden)"

# One batch. Takes the position of the last one, returns the new position; None at the end.
Step = Callable[[str | None], str | None]


def work(deadline: float) -> bool:
    if worker_queries.is_previous_release_running():
        _note(ATTEMPTS, until=None)
        _note(WEBHOOKS, position=None, until=None)
        return False
    _note_last_attempt()
    steps: dict[str, Step] = {INBOX: _inbox_step, AUDIT: _audit_step, ATTEMPTS: _attempts_step}
    is_done = _webhooks(deadline) and all(
        _walk(name, step, deadline) for name, step in steps.items()
    )
    return not is_done


SEALING = PeriodicTask("sealing", 60.0, work)


def seal_all() -> None:
    """Everything at once, for a command or a test."""
    while work(time.monotonic() + 60.0):
        pass


def _walk(name: str, step: Step, deadline: float) -> bool:
    """Whether the end was reached."""
    while time.monotonic() < deadline:
        mark = sealing_queries.mark(name)
        position = step(mark.position if mark else None)
        if position is None:
            return True
        _note(name, position=position)
    return False


def _note(name: str, **values: str | None) -> None:
    mark = sealing_queries.mark(name)
    if mark is not None and all(getattr(mark, key) == value for key, value in values.items()):
        return
    with write_transaction() as session:
        mark = session.get(SealingMark, name) or SealingMark(name=name)
        for key, value in values.items():
            setattr(mark, key, value)
        session.add(mark)


def _note_last_attempt() -> None:
    mark = sealing_queries.mark(ATTEMPTS)
    if mark is None or mark.until is None:
        _note(ATTEMPTS, until=str(sealing_queries.last_attempt_id()))


def _webhooks(deadline: float) -> bool:
    """Whether the end was reached. Begins again after a while: a web process of an earlier release
    may still run."""
    mark, now = sealing_queries.mark(WEBHOOKS), now_ms()
    if mark is not None and mark.until is not None and now < int(mark.until) + ROUND_MS:
        return True
    if not _walk(WEBHOOKS, _webhooks_step, deadline):
        return False
    _note(WEBHOOKS, position=None, until=str(now))
    return True


def _webhooks_step(position: str | None) -> str | None:
    rows = sealing_queries.webhooks_with_headers(position, BATCH)
    ids = [row.id for row in rows if row.secret_headers is not None or _has_secret(row.headers)]
    if ids:
        retry_on_deadlock(partial(_seal_webhooks, ids))
    return str(rows[-1].id) if rows else None


def _has_secret(headers: Iterable[Sequence[str]]) -> bool:
    return bool(split(headers, ())[1])


def _seal_webhooks(ids: Sequence[str]) -> None:
    with write_transaction() as session:
        locked = select(Webhook).where(Webhook.id.in_(ids)).order_by(Webhook.id).with_for_update()
        for row in session.scalars(locked):
            if row.secret_headers is not None and not runtime().vault.can_open(row.secret_headers):
                continue
            public, secret = secret_headers.headers_of(row)
            if len(public) != len(row.headers):
                # The facts stay the same, so cached copies stay current.
                secret_headers.store(row, public, secret)


def _attempts_step(position: str | None) -> str | None:
    mark = sealing_queries.mark(ATTEMPTS)
    until = int(mark.until) if mark and mark.until else 0
    rows = sealing_queries.attempts(int(position or 0), until, BATCH)
    return _seal_heads(Attempt.__table__, "request_head", rows)


def _inbox_step(position: str | None) -> str | None:
    rows = sealing_queries.test_inbox_requests(position, BATCH)
    return _seal_heads(TestInboxRequest.__table__, "head", rows)


def _seal_heads(table: Table, column: str, rows: Sequence[Any]) -> str | None:
    """rows: (id, webhook id, head)"""
    names, seal = _names({row[1] for row in rows if row[1]}), runtime().vault.seal
    changes = []
    for id_, webhook_id, head in rows:
        new = sealed_headers(bytes(head), names.get(webhook_id, CREDENTIALS), seal)
        if new != bytes(head):
            changes.append((id_, {column: new}))
    return _changed(table, changes, rows)


def _names(webhook_ids: set[str]) -> Mapping[str, frozenset[str]]:
    """The secret headers of each webhook, in lower case."""
    return {row.id: _names_of(row) for row in sealing_queries.webhooks(webhook_ids)}


def _names_of(row: Webhook) -> frozenset[str]:
    try:
        return secret_header_names(facts_from_row(row.columns(), runtime().vault, 0))
    except (InvalidToken, ValueError, TypeError, KeyError):
        # Secrets of another SECRET_KEY, or a damaged row.
        return CREDENTIALS


def _audit_step(position: str | None) -> str | None:
    rows = sealing_queries.audit_entries(position, BATCH)
    changes = []
    for row in rows:
        if row.action.startswith("webhook."):
            new = {"before": _masked(row.before), "after": _masked(row.after)}
            if new != {"before": row.before, "after": row.after}:
                changes.append((row.id, new))
    return _changed(AuditEntry.__table__, changes, rows)


def _masked(fields: Any) -> Any:
    """Credentials in an entry are not encrypted but removed: nobody needs them there."""
    headers = fields.get("headers") if isinstance(fields, dict) else None
    if not isinstance(headers, list) or not _has_secret(headers):
        return fields
    masked = [[name, _HIDDEN if name.lower() in CREDENTIALS else value] for name, value in headers]
    return fields | {"headers": masked}


def _changed(
    table: Table, changes: Sequence[tuple[Any, Mapping[str, Any]]], rows: Sequence[Any]
) -> str | None:
    """Write `changes`, each (id, columns); all have the same columns. The position after `rows`."""
    db.session.commit()
    if changes:
        new: dict[str, Any] = {name: bindparam(f"new_{name}") for name in changes[0][1]}
        statement = update(table).where(table.c.id == bindparam("row_id")).values(**new)
        parameters = [
            {"row_id": id_, **{f"new_{name}": value for name, value in values.items()}}
            for id_, values in changes
        ]
        with write_transaction() as session:
            session.connection().execute(statement, parameters)
    return str(rows[-1][0]) if rows else None
