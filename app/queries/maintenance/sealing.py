"""Rows that may contain credentials of earlier releases in plain text, oldest first."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Row, Table, Text, cast, func, select

from app.models import Attempt, AuditEntry, SealingMark, TestInboxRequest, Webhook
from app.models.common.base import db


def mark(name: str) -> SealingMark | None:
    return db.session.get(SealingMark, name)


def last_attempt_id() -> int:
    return db.session.scalar(select(func.max(Attempt.id))) or 0


def attempts(after: int, until: int, limit: int) -> Sequence[Row[Any]]:
    """(id, webhook id, request head)"""
    return _rows(
        Attempt.__table__, ("webhook_id", "request_head"), after, limit, Attempt.id <= until
    )


def test_inbox_requests(after: str | None, limit: int) -> Sequence[Row[Any]]:
    """(id, webhook id or None, head)"""
    return _rows(TestInboxRequest.__table__, ("webhook_id", "head"), after, limit)


def audit_entries(after: str | None, limit: int) -> Sequence[Row[Any]]:
    """(id, action, before, after)"""
    return _rows(AuditEntry.__table__, ("action", "before", "after"), after, limit)


def webhooks_with_headers(after: str | None, limit: int) -> Sequence[Row[Any]]:
    """(id, headers, secret headers)"""
    has_headers = cast(Webhook.headers, Text) != "[]"
    return _rows(Webhook.__table__, ("headers", "secret_headers"), after, limit, has_headers)


def webhooks(webhook_ids: Collection[str]) -> Sequence[Webhook]:
    return db.session.scalars(select(Webhook).where(Webhook.id.in_(webhook_ids))).all()


def _rows(
    table: Table, columns: Sequence[str], after: object, limit: int, *conditions: Any
) -> Sequence[Row[Any]]:
    statement = select(table.c.id, *(table.c[name] for name in columns)).where(*conditions)
    if after is not None:
        statement = statement.where(table.c.id > after)
    return db.session.execute(statement.order_by(table.c.id).limit(limit)).all()
