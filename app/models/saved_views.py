"""Saved filters of the delivery list."""

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Model
from app.models.columns import ID, Document, Id, Millis


class SavedView(Model):
    """Belongs to one user in one organization."""

    __tablename__ = "saved_views"
    # Also the index for listing a user's views.
    __table_args__ = (UniqueConstraint("organization_id", "user_id", "name"),)

    id: Mapped[Id] = mapped_column(primary_key=True)
    organization_id: Mapped[str] = mapped_column(ID, ForeignKey("organizations.id"))
    user_id: Mapped[str] = mapped_column(ID, ForeignKey("users.id"))
    name: Mapped[str] = mapped_column(String(60))
    # The list's query parameters: {"state": "failed", "range": "24h"}.
    filter: Mapped[Document]
    created_at: Mapped[Millis]
