"""How often an organization has ended its portal links."""

from sqlalchemy import select

from app.models import PortalGeneration
from app.models.base import db


def generation(organization_id: str) -> int:
    """The number that a link must carry to be good."""
    wanted = select(PortalGeneration.number).where(
        PortalGeneration.organization_id == organization_id
    )
    return db.session.scalar(wanted) or 0
