"""The catalogue of an organization's event types."""

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Model
from app.models.columns import ID, Blob, Document, Long, Millis


class EventType(Model):
    __tablename__ = "event_types"

    organization_id: Mapped[str] = mapped_column(
        ID, ForeignKey("organizations.id"), primary_key=True
    )
    name: Mapped[str] = mapped_column(String(128), primary_key=True)
    description: Mapped[Long] = mapped_column(default="")
    # JSON; None: the preset's sample, or an empty object.
    sample: Mapped[Blob | None]
    schema: Mapped[Document | None]
    created_at: Mapped[Millis]
