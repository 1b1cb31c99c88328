"""A receiver inside the product, and the newest requests that it caught."""

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Model
from app.models.columns import ID, Blob, Id, Long, Millis


class TestInbox(Model):
    __tablename__ = "catchers"
    __table_args__ = (
        UniqueConstraint("token"),
        Index("ix_catchers_organization_id_id", "organization_id", "id"),
    )

    id: Mapped[Id] = mapped_column(primary_key=True)
    organization_id: Mapped[str] = mapped_column(ID, ForeignKey("organizations.id"))
    # Stands in its URL (domain.catching).
    token: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(200))
    status: Mapped[int]
    delay_ms: Mapped[int]
    failure_percent: Mapped[int]
    # In all since it was made, also those that are kept no more.
    received: Mapped[Millis] = mapped_column(default=0)
    last_received_at: Mapped[Millis | None]
    created_at: Mapped[Millis]


class TestInboxRequest(Model):
    """webhook_id, delivery_id: of ours, when a webhook of this organization says that it sent it;
    whether that is true, `signature` tells."""

    __tablename__ = "caught_requests"
    __table_args__ = (Index("ix_caught_requests_catcher_id_id", "catcher_id", "id"),)

    id: Mapped[Id] = mapped_column(primary_key=True)
    organization_id: Mapped[Id]
    catcher_id: Mapped[str] = mapped_column(ID, ForeignKey("catchers.id"))
    received_at: Mapped[Millis]
    method: Mapped[str] = mapped_column(String(40))
    # Path and query.
    target: Mapped[Long]
    event_type: Mapped[str | None] = mapped_column(String(128))
    # Request line and header lines; the start of the body, and how long it was.
    head: Mapped[Blob]
    body: Mapped[Blob]
    bytes: Mapped[Millis]
    remote_address: Mapped[str | None] = mapped_column(String(45))
    # valid, wrong, none, unknown (nobody knows the secret) or unchecked (the body is too long).
    signature: Mapped[str] = mapped_column(String(10))
    webhook_id: Mapped[Id | None]
    delivery_id: Mapped[Id | None]
    # What was answered, and why (domain.catching.Reply).
    status: Mapped[int]
    why: Mapped[str] = mapped_column(String(10))
