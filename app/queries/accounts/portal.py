"""Revocation of portal links."""

from sqlalchemy import select

from app.models import PortalGeneration
from app.models.common.base import db


def generation(organization_id: str) -> int:
    """The number that a valid link carries."""
    statement = select(PortalGeneration.number).where(
        PortalGeneration.organization_id == organization_id
    )
    return db.session.scalar(statement) or 0
