"""An organization's event types and webhooks as lines that an import reads, without secrets."""

from collections.abc import Iterator
from typing import Any

import msgspec

from app.domain.event_types.fields import OFF
from app.domain.event_types.names import PRODUCT_TYPES
from app.domain.webhooks.settings.catalogue import OWNER_SECRETS, PUBLIC
from app.models import EventType, Webhook
from app.models.common.base import db
from app.queries import webhooks as webhook_queries
from app.queries.event_types import catalogue as event_types
from app.services.webhooks import secret_headers

# Rows in memory at once, each of which can have half a mebibyte.
_AT_ONCE = 25


def own_uid(row: Webhook) -> str:
    """What an import recognizes the webhook by: its uid, or its id."""
    return row.uid or f"webhook-{row.id}"


def batches(organization_id: str) -> Iterator[bytes]:
    """Event types, then webhooks, oldest first and without one-time ones. Each batch is read in its
    own transaction, which ends before it is sent."""
    cursor: str | None = None
    while True:
        page = event_types.page(organization_id, _AT_ONCE, cursor, without=PRODUCT_TYPES)
        lines = [_line({"event_type": _event_type(row)}) for row in page.rows]
        yield _ended(lines)
        cursor = page.next_cursor
        if cursor is None:
            break
    ids = [outline.id for outline in reversed(webhook_queries.outlines(organization_id))]
    for start in range(0, len(ids), _AT_ONCE):
        rows = webhook_queries.of_ids(organization_id, ids[start : start + _AT_ONCE])
        yield _ended([_line({"webhook": _webhook(row)}) for row in rows])


def _ended(lines: list[bytes]) -> bytes:
    db.session.rollback()
    db.session.expunge_all()
    return b"".join(lines)


def _line(document: dict[str, Any]) -> bytes:
    return msgspec.json.encode(document) + b"\n"


def _event_type(row: EventType) -> dict[str, Any]:
    sample = None if row.sample is None else msgspec.json.format(bytes(row.sample), indent=-1)
    return {
        "name": row.name,
        "description": row.description,
        "sample": None if sample is None else msgspec.Raw(sample),
        "schema": row.schema,
        "schema_check": row.schema_check or OFF,
    }


def _webhook(row: Webhook) -> dict[str, Any]:
    settings = {setting.name: getattr(row, setting.column) for setting in PUBLIC}
    settings["headers"] = dict(secret_headers.headers_of(row)[0])
    had = {s.name for s in OWNER_SECRETS if getattr(row, s.column) is not None}
    if secret_headers.has_any(row):
        had.add("secret_headers")
    return {"uid": own_uid(row), **settings, **{f"has_{name}": True for name in sorted(had)}}
