"""Emails about accounts."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, or_, select

from app.models import AccountEmail
from app.models.common.base import db
from app.queries.common.moments import Moment


def is_due(now: Moment, longest_wait: int) -> ColumnElement[bool]:
    """longest_wait: a time further ahead was written by a clock that was ahead. Milliseconds."""
    return or_(AccountEmail.next_at <= now, AccountEmail.next_at > now + longest_wait)


def latest_about(subject_ids: Sequence[str]) -> dict[str, AccountEmail]:
    """{id of an invitation: its latest email}"""
    rows = db.session.scalars(
        select(AccountEmail)
        .where(AccountEmail.subject_id.in_(subject_ids))
        .order_by(AccountEmail.id)
    )
    return {row.subject_id: row for row in rows if row.subject_id is not None}
