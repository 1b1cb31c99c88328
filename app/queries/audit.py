"""The audit log, newest first."""

from dataclasses import dataclass

from sqlalchemy import select

from app.domain.common.ids import canonical_id
from app.models import AuditEntry
from app.models.base import db
from app.queries.common.pages import EXAMINED, Page, decode_cursor, next_cursor, taken
from app.queries.common.scans import Condition, Scan, span_of

# More actions than this help nobody in a list to choose from.
MOST_ACTIONS = 200


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """actor: an id, or text in a name. action: one, or with a dot at its end all that begin so.
    subject: an id. since, until: milliseconds since the epoch, until excluded."""

    actor: str | None = None
    action: str | None = None
    subject: str | None = None
    since: int | None = None
    until: int | None = None


def page(
    organization_id: str, wanted: AuditFilter, limit: int = 50, cursor: str | None = None
) -> Page[AuditEntry]:
    """Invalid when the cursor is none of ours."""
    below = decode_cursor(cursor)
    base = (AuditEntry.organization_id == organization_id,)
    span = span_of(wanted.since, wanted.until)
    scan = Scan(AuditEntry, base, tuple(_rest(wanted)), span, EXAMINED)
    stretch = taken(scan.look(below, limit), limit)
    return Page(stretch.rows, next_cursor(stretch))


def actions(organization_id: str) -> list[str]:
    """What the newest entries tell of, in alphabetical order."""
    newest = (
        select(AuditEntry.action)
        .where(AuditEntry.organization_id == organization_id)
        .order_by(AuditEntry.id.desc())
        .limit(EXAMINED)
        .subquery()
    )
    found = select(newest.c.action).distinct().limit(MOST_ACTIONS)
    return sorted(db.session.scalars(found))


def _rest(wanted: AuditFilter) -> list[Condition]:
    found: list[Condition] = []
    if wanted.actor is not None:
        id_ = canonical_id(wanted.actor)
        named = AuditEntry.actor_name.icontains(wanted.actor, autoescape=True)
        found.append(named if id_ is None else AuditEntry.actor_id == id_)
    if wanted.action is not None:
        starts = wanted.action.endswith(".")
        is_it = AuditEntry.action == wanted.action
        found.append(
            AuditEntry.action.startswith(wanted.action, autoescape=True) if starts else is_it
        )
    if wanted.subject is not None:
        found.append(AuditEntry.subject_id == wanted.subject)
    return found
