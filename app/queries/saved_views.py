"""A user's saved views."""

from sqlalchemy import select

from app.domain.common.ids import canonical_id
from app.models import SavedView
from app.models.common.base import db


def listed(organization_id: str, user_id: str) -> list[SavedView]:
    """Oldest first."""
    return list(
        db.session.scalars(
            select(SavedView)
            .where(SavedView.organization_id == organization_id, SavedView.user_id == user_id)
            .order_by(SavedView.id)
        )
    )


def get(organization_id: str, user_id: str, view_id: str) -> SavedView | None:
    """None also for another user's view."""
    return db.session.scalar(
        select(SavedView).where(
            SavedView.id == canonical_id(view_id),
            SavedView.organization_id == organization_id,
            SavedView.user_id == user_id,
        )
    )
