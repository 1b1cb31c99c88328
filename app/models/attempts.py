"""One HTTP request of a delivery: what was sent, and what came back."""

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Model
from app.models.columns import IDENTITY, Blob, Id, Long, Millis


class Attempt(Model):
    """Durations are whole microseconds; None: that phase was not reached, or a connection was
    used again. The request's body is the delivery's (models.delivery)."""

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
    # ok, or a cause of domain.causes; `detail` says the particulars in plain words.
    cause: Mapped[str] = mapped_column(String(30))
    detail: Mapped[Long] = mapped_column(default="")
    status: Mapped[int | None]
    url: Mapped[Long]
    # Request line and header lines, as they went over the wire.
    request_head: Mapped[Blob]
    # Status line and header lines, as they came.
    response_head: Mapped[Blob | None]
    # At most 64 KiB of it.
    response_body: Mapped[Blob | None]
    response_truncated: Mapped[bool] = mapped_column(default=False)
    remote_address: Mapped[str | None] = mapped_column(String(45))
    dns_us: Mapped[int | None]
    connect_us: Mapped[int | None]
    tls_us: Mapped[int | None]
    first_byte_us: Mapped[int | None]
    total_us: Mapped[int]
