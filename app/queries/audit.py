"""The audit log, newest first."""

from dataclasses import dataclass

from sqlalchemy import select

from app.domain.common.ids import canonical_id
from app.models import AuditEntry
from app.models.base import db
from app.queries.common.pages import EXAMINED, Page, decode_cursor, next_cursor, taken
from app.queries.common.scans import Condition, Scan, span_of

# More would not help in a menu.
MAX_ACTIONS = 200


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """actor: an id, or text in a name. action: exact; a prefix if it ends with a dot. subject: an
    id. since, until: milliseconds since the epoch, until excluded."""

    actor: str | None = None
    action: str | None = None
    subject: str | None = None
    since: int | None = None
    until: int | None = None


def page(
    organization_id: str, wanted: AuditFilter, limit: int = 50, cursor: str | None = None
) -> Page[AuditEntry]:
    """Invalid: a malformed cursor."""
    below = decode_cursor(cursor)
    base = (AuditEntry.organization_id == organization_id,)
    span = span_of(wanted.since, wanted.until)
    scan = Scan(AuditEntry, base, tuple(_conditions(wanted)), span, EXAMINED)
    stretch = taken(scan.look(below, limit), limit)
    return Page(stretch.rows, next_cursor(stretch))


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


def _conditions(wanted: AuditFilter) -> list[Condition]:
    conditions: list[Condition] = []
    if wanted.actor is not None:
        id_ = canonical_id(wanted.actor)
        named = AuditEntry.actor_name.icontains(wanted.actor, autoescape=True)
        conditions.append(named if id_ is None else AuditEntry.actor_id == id_)
    if wanted.action is not None:
        is_prefix = wanted.action.endswith(".")
        equals = AuditEntry.action == wanted.action
        conditions.append(
            AuditEntry.action.startswith(wanted.action, autoescape=True) if is_prefix else equals
        )
    if wanted.subject is not None:
        conditions.append(AuditEntry.subject_id == wanted.subject)
    return conditions
