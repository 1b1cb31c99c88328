"""Lists of organizations, for platform keys."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement

from app.models import Organization
from app.queries.common.scans import Scan, Span
from app.queries.common.turns import Turn, Turned, turn


def page(direction: Turn, limit: int, ids: Sequence[str] | None = None) -> Turned:
    """ids: only these."""
    base: tuple[ColumnElement[bool], ...] = (Organization.deleted_at.is_(None),)
    if ids is not None:
        base = (*base, Organization.id.in_(list(ids)))
    return turn(Scan(Organization, base, (), Span(), 0), direction, limit)
