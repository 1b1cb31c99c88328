"""Test inboxes: receivers inside the product, and the requests they received."""

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.models.common.base import Model
from app.models.common.columns import ID, Blob, Id, Long, Millis


class TestInbox(Model):
    __tablename__ = "catchers"
    __table_args__ = (
        UniqueConstraint("token"),
        Index("ix_catchers_organization_id_id", "organization_id", "id"),
    )

    id: Mapped[Id] = mapped_column(primary_key=True)
    organization_id: Mapped[str] = mapped_column(ID, ForeignKey("organizations.id"))
    # Part of its URL (`domain.test_inbox`).
    token: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(200))
    status: Mapped[int]
    delay_ms: Mapped[int]
    failure_percent: Mapped[int]
    # The total, including requests that were deleted since.
    received: Mapped[Millis] = mapped_column(default=0)
    last_received_at: Mapped[Millis | None]
    created_at: Mapped[Millis]


class TestInboxRequest(Model):
    """webhook_id, delivery_id: as its headers claim; `signature` tells whether that is true."""

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
    # Request line and headers; the start of the body, and its full length.
    head: Mapped[Blob]
    body: Mapped[Blob]
    bytes: Mapped[Millis]
    remote_address: Mapped[str | None] = mapped_column(String(45))
    # valid, wrong, none, unknown (no known secret) or unchecked (the body is too long).
    signature: Mapped[str] = mapped_column(String(10))
    webhook_id: Mapped[Id | None]
    delivery_id: Mapped[Id | None]
    # The response, and why (`domain.test_inbox.responses`).
    status: Mapped[int]
    why: Mapped[str] = mapped_column(String(10))
