"""Requests with an Idempotency-Key whose responses are kept."""

from collections.abc import Sequence

from sqlalchemy import func, select

from app.models import IdempotentRequest
from app.models.common.base import db


def count(api_key_id: str | None, at_most: int) -> int:
    """Of one API key; None: the platform key of the environment. Counting stops at `at_most`."""
    own = select(IdempotentRequest.digest).where(IdempotentRequest.api_key_id == api_key_id)
    return db.session.scalar(select(func.count()).select_from(own.limit(at_most).subquery())) or 0


def older_than(before: int, limit: int) -> Sequence[str]:
    """Digests. before: milliseconds since the epoch."""
    statement = select(IdempotentRequest.digest).where(IdempotentRequest.created_at < before)
    return db.session.scalars(statement.limit(limit)).all()
