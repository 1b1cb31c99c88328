"""Listeners: machines that fetch their callbacks, because no request reaches them."""

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.models.common.base import Model
from app.models.common.columns import ID, Id, Millis


class Listener(Model):
    """Belongs to a hidden webhook of kind `listener`, whose id it has: its deliveries go to a URL
    of Callboard's own, which passes them on. Deleted with that webhook."""

    __tablename__ = "listeners"
    __table_args__ = (
        Index("ix_listeners_organization_id", "organization_id"),
        Index("ix_listeners_seen_at", "seen_at"),
    )

    id: Mapped[str] = mapped_column(ID, ForeignKey("webhooks.id"), primary_key=True)
    organization_id: Mapped[Id]
    # SHA-256 of the secret header that its deliveries carry.
    token_hash: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[Millis]
    # When it last asked for callbacks.
    seen_at: Mapped[Millis]
