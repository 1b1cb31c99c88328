"""Revocation of portal links, and the logo that portals show."""

from sqlalchemy import select

from app.models import PortalGeneration, PortalLogo
from app.models.common.base import db


def generation(organization_id: str) -> int:
    """The number that a valid link carries."""
    statement = select(PortalGeneration.number).where(
        PortalGeneration.organization_id == organization_id
    )
    return db.session.scalar(statement) or 0


def logo(organization_id: str) -> PortalLogo | None:
    return db.session.get(PortalLogo, organization_id)


def logo_digest(organization_id: str) -> str | None:
    """Part of its URL; None: there is none."""
    statement = select(PortalLogo.digest).where(PortalLogo.organization_id == organization_id)
    return db.session.scalar(statement)
