"""A filter of the list of deliveries that somebody gave a name."""

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Model
from app.models.columns import ID, Document, Id, Millis


class SavedView(Model):
    """One person's own, in one organization."""

    __tablename__ = "saved_views"
    # Also the index by which a person's views are listed.
    __table_args__ = (UniqueConstraint("organization_id", "user_id", "name"),)

    id: Mapped[Id] = mapped_column(primary_key=True)
    organization_id: Mapped[str] = mapped_column(ID, ForeignKey("organizations.id"))
    user_id: Mapped[str] = mapped_column(ID, ForeignKey("users.id"))
    name: Mapped[str] = mapped_column(String(60))
    # What stands in the list's address: {"state": "failed", "range": "24h"}.
    filter: Mapped[Document]
    created_at: Mapped[Millis]
