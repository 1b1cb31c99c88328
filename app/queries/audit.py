"""The audit log, newest first."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import or_, select

from app.domain.common.clock import iso
from app.domain.common.ids import canonical_id
from app.models import AuditEntry
from app.models.common.base import db
from app.queries.common.pages import EXAMINED, Page, decode_cursor, next_cursor, taken
from app.queries.common.scans import Condition, Scan, span_of

# More would not help in a menu.
MAX_ACTIONS = 200
# Entries of an export read at once.
EXPORTED = 500


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """actor, subject: an id, or text in a name. action: exact; a prefix if it ends with a dot.
    since, until: milliseconds since the epoch, until excluded."""

    actor: str | None = None
    action: str | None = None
    subject: str | None = None
    since: int | None = None
    until: int | None = None


def page(
    organization_id: str | None, filters: AuditFilter, limit: int = 50, cursor: str | None = None
) -> Page[AuditEntry]:
    """organization_id None: entries about the installation. Invalid: a malformed cursor."""
    below = decode_cursor(cursor)
    base = (AuditEntry.organization_id == organization_id,)
    span = span_of(filters.since, filters.until)
    scan = Scan(AuditEntry, base, tuple(_conditions(filters)), span, EXAMINED)
    stretch = taken(scan.look(below, limit), limit)
    return Page(stretch.rows, next_cursor(stretch))


def batches(
    organization_id: str, filters: AuditFilter, cursor: str | None = None
) -> Iterator[list[dict[str, Any]]]:
    """All entries as documents, or those after `cursor`. Each batch is read in a transaction of its
    own, which ends before the batch is used: a slow client holds none open, and only one batch is
    in memory."""
    while True:
        next_page = page(organization_id, filters, EXPORTED, cursor)
        documents = [document(entry) for entry in next_page.rows]
        db.session.rollback()
        db.session.expunge_all()
        if documents:
            yield documents
        cursor = next_page.next_cursor
        if cursor is None:
            return


def document(entry: AuditEntry) -> dict[str, Any]:
    """As exports and the API show it. created_at: ISO 8601."""
    return {
        "id": entry.id,
        "created_at": iso(entry.created_at),
        "action": entry.action,
        "actor": {"kind": entry.actor_kind, "id": entry.actor_id, "name": entry.actor_name},
        "address": entry.address,
        "agent": entry.agent,
        "object": {"id": entry.subject_id, "name": entry.subject_name},
        "before": entry.before,
        "after": entry.after,
    }


def actions(organization_id: str) -> list[str]:
    """Actions of the newest entries, in alphabetical order."""
    newest = (
        select(AuditEntry.action)
        .where(AuditEntry.organization_id == organization_id)
        .order_by(AuditEntry.id.desc())
        .limit(EXAMINED)
        .subquery()
    )
    actions = select(newest.c.action).distinct().limit(MAX_ACTIONS)
    return sorted(db.session.scalars(actions))


def _conditions(filters: AuditFilter) -> list[Condition]:
    conditions: list[Condition] = []
    if filters.actor is not None:
        id_ = canonical_id(filters.actor)
        named = AuditEntry.actor_name.icontains(filters.actor, autoescape=True)
        conditions.append(named if id_ is None else AuditEntry.actor_id == id_)
    if filters.action is not None:
        is_prefix = filters.action.endswith(".")
        equals = AuditEntry.action == filters.action
        conditions.append(
            AuditEntry.action.startswith(filters.action, autoescape=True) if is_prefix else equals
        )
    if filters.subject is not None:
        named = AuditEntry.subject_name.icontains(filters.subject, autoescape=True)
        conditions.append(or_(AuditEntry.subject_id == filters.subject, named))
    return conditions
