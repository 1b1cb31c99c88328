"""Entries in the audit log about what Callboard itself does."""

from typing import Any

from sqlalchemy import Connection, Table, insert

from app.domain.common.ids import new_id
from app.models import AuditEntry

_ENTRIES: Table = AuditEntry.__table__
MAX_NAME = 300


def record_own(
    connection: Connection,
    organization_id: str,
    action: str,
    subject_id: str,
    *,
    name: str,
    after: dict[str, Any],
    now: int,
) -> None:
    """In the caller's transaction. name: of the object. now: ms since the epoch."""
    values = {
        "id": new_id(),
        "organization_id": organization_id,
        "created_at": now,
        "actor_kind": "system",
        "actor_name": "Callboard",
        "action": action,
        "subject_id": subject_id,
        "subject_name": name[:MAX_NAME] or None,
        "after": after,
    }
    connection.execute(insert(_ENTRIES), [values])
