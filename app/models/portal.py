"""How often an organization has ended all of its portal links."""

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Model
from app.models.columns import ID


class PortalGeneration(Model):
    """A link carries this number; raising it ends every link that was made before. No row: 0."""

    __tablename__ = "portal_generations"

    organization_id: Mapped[str] = mapped_column(
        ID, ForeignKey("organizations.id"), primary_key=True
    )
    number: Mapped[int]
