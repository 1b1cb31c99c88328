"""The API keys that the API reference has made for people."""

from collections.abc import Sequence

from sqlalchemy import select

from app.models import ApiKey
from app.models.common.base import db


def usable(organization_id: str | None, user_id: str, now: int) -> Sequence[ApiKey]:
    """The person's keys that have not ended. organization_id: None for all. now: milliseconds."""
    statement = select(ApiKey).where(
        ApiKey.user_id == user_id, ApiKey.revoked_at.is_(None), ApiKey.expires_at > now
    )
    if organization_id is not None:
        statement = statement.where(ApiKey.organization_id == organization_id)
    return db.session.scalars(statement).all()
