"""How far the cleaning of each organization has come."""

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Model
from app.models.columns import ID, Id, Millis


class RetentionMark(Model):
    """Places are ids of events: what is older has been looked at."""

    __tablename__ = "retention_marks"

    organization_id: Mapped[str] = mapped_column(
        ID, ForeignKey("organizations.id"), primary_key=True
    )
    # When its next round begins, or goes on.
    next_at: Mapped[Millis] = mapped_column(index=True)
    # Of the present round; None: it has not begun.
    events_after: Mapped[Id | None]
    held_after: Mapped[Id | None]
    # Goes forward only: an event whose payload could not go yet is kept in `held_payloads`.
    payloads_after: Mapped[Id | None]


class HeldPayload(Model):
    """An event that still had open deliveries when its payload was to expire."""

    __tablename__ = "held_payloads"

    organization_id: Mapped[Id] = mapped_column(primary_key=True)
    event_id: Mapped[Id] = mapped_column(primary_key=True)
