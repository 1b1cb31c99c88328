"""Revocation of portal links."""

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Model
from app.models.columns import ID


class PortalGeneration(Model):
    """Portal links carry this number; raising it revokes all earlier links. No row means 0."""

    __tablename__ = "portal_generations"

    organization_id: Mapped[str] = mapped_column(
        ID, ForeignKey("organizations.id"), primary_key=True
    )
    number: Mapped[int]
