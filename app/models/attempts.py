"""Attempts: HTTP requests and their responses."""

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Model
from app.models.columns import IDENTITY, Blob, Id, Long, Millis


class Attempt(Model):
    """Durations are microseconds; None: the phase was not reached, or the connection was reused.
    The request body is stored once per delivery, in `DeliveryBody`."""

    __tablename__ = "attempts"
    __table_args__ = (
        Index("uq_attempts_delivery_id_number", "delivery_id", "number", unique=True),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(IDENTITY, primary_key=True, autoincrement=True)
    organization_id: Mapped[Id]
    webhook_id: Mapped[Id]
    delivery_id: Mapped[Id]
    number: Mapped[int]
    started_at: Mapped[Millis]
    # `ok` or a cause of `domain.deliveries.causes`; `detail` explains it in plain words.
    cause: Mapped[str] = mapped_column(String(30))
    detail: Mapped[Long] = mapped_column(default="")
    status: Mapped[int | None]
    url: Mapped[Long]
    # Request line and headers, as sent.
    request_head: Mapped[Blob]
    # Status line and headers, as received.
    response_head: Mapped[Blob | None]
    # The first 64 KiB.
    response_body: Mapped[Blob | None]
    response_truncated: Mapped[bool] = mapped_column(default=False)
    remote_address: Mapped[str | None] = mapped_column(String(45))
    dns_us: Mapped[int | None]
    connect_us: Mapped[int | None]
    tls_us: Mapped[int | None]
    first_byte_us: Mapped[int | None]
    total_us: Mapped[int]
