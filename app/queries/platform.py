"""Reads over all organizations, for platform owners."""

from sqlalchemy import select

from app.models import User
from app.models.base import db


def has_other_owner(user_id: str) -> bool:
    """Whether the installation has another platform owner."""
    other = select(User.id).where(User.is_platform_owner, User.id != user_id).limit(1)
    return db.session.scalar(other) is not None
