"""Deliveries, their attempts, the bodies they send, and saved views of their list."""

from sqlalchemy import BigInteger, ForeignKey, Index, String, UniqueConstraint, false, text
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.orm.attributes import InstrumentedAttribute

from app.domain.deliveries.short_heads import expanded
from app.models.common.base import Model
from app.models.common.columns import ID, IDENTITY, Blob, Document, Id, Long, Millis

# Failed, cancelled or skipped; open deliveries are found through `due`. SQLite uses a partial index
# only for the same text. Written as NOT IN because SQLite would seek by the values of an IN, and
# lose the order by id.
TROUBLE = text("state NOT IN ('pending', 'retrying', 'succeeded')")

# Deliveries that a job has acted on; few of all.
OF_A_JOB = text("job_id IS NOT NULL")

# Issues are grouped from this index alone, without reading rows.
IS_FAILED = text("state = 'failed'")


# Begun long after the creation of the delivery; few of all.
IS_LATE = text("late_at IS NOT NULL")


class Delivery(Model):
    """One event for one webhook. `sending` and the time of the next attempt come from `due`, which
    has a row as long as the delivery is open."""

    __tablename__ = "deliveries"
    __table_args__ = (
        Index("ix_deliveries_organization_id_id", "organization_id", "id"),
        Index("ix_deliveries_webhook_id_id", "webhook_id", "id"),
        Index("ix_deliveries_event_id", "event_id"),
        Index(
            "ix_deliveries_trouble",
            "organization_id",
            "state",
            "id",
            postgresql_where=TROUBLE,
            sqlite_where=TROUBLE,
        ),
        Index(
            "ix_deliveries_failed",
            "organization_id",
            "id",
            "webhook_id",
            "last_cause",
            "last_status",
            "updated_at",
            # Constant, but without it SQLite does not use this as a covering index.
            "state",
            "is_test",
            postgresql_where=IS_FAILED,
            sqlite_where=IS_FAILED,
        ),
        # A job's progress is counted from this index alone.
        Index(
            "ix_deliveries_job",
            "job_id",
            "id",
            "state",
            "webhook_id",
            postgresql_where=OF_A_JOB,
            sqlite_where=OF_A_JOB,
        ),
    )

    id: Mapped[Id] = mapped_column(primary_key=True)
    organization_id: Mapped[Id]
    webhook_id: Mapped[Id]
    event_id: Mapped[str] = mapped_column(ID, ForeignKey("events.id"))
    # Copied from the event, so that lists need no join.
    event_type: Mapped[str] = mapped_column(String(128))
    source: Mapped[str | None] = mapped_column(String(512))
    # The URL of a one-off callback; None: the webhook's.
    url: Mapped[Long | None]
    # pending, retrying, succeeded, failed, cancelled or skipped (`domain.deliveries.states`).
    state: Mapped[str] = mapped_column(String(10))
    attempts: Mapped[int] = mapped_column(default=0)
    last_status: Mapped[int | None]
    last_cause: Mapped[str | None] = mapped_column(String(30))
    created_at: Mapped[Millis]
    # When the last attempt ended, or a person last changed the state.
    updated_at: Mapped[Millis]
    # Of a test send: never retried or resent.
    is_test: Mapped[bool] = mapped_column(default=False, server_default=false())
    # The last job that resent or cancelled it.
    job_id: Mapped[Id | None]


class DeliveryBody(Model):
    """The body that the first attempt of a run sent; its retries send the same. A body that can be
    derived from the event gets a row only when a retry is scheduled, and only with its format
    (docs/decisions/0002-do-not-store-derivable-bodies.md)."""

    __tablename__ = "delivery_bodies"

    delivery_id: Mapped[str] = mapped_column(ID, primary_key=True)
    content_type: Mapped[str] = mapped_column(String(100))
    body: Mapped[Blob]


class Attempt(Model):
    """Durations are microseconds; None: the phase was not reached, or the connection was reused.
    The request body is stored once per delivery, in `DeliveryBody`."""

    __tablename__ = "attempts"
    __table_args__ = (
        Index("uq_attempts_delivery_id_number", "delivery_id", "number", unique=True),
        # Others are found by the ids of their deliveries.
        Index(
            "ix_attempts_late",
            "organization_id",
            "late_at",
            postgresql_where=IS_LATE,
            sqlite_where=IS_LATE,
        ),
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
    # `request_head`, shortened.
    stored_head: Mapped[Blob] = mapped_column("request_head")
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
    # `started_at`, if the time of the delivery does not lead to it (`domain.deliveries.lateness`).
    late_at: Mapped[int | None] = mapped_column(BigInteger)
    # Of a failed attempt: whether a retry was scheduled.
    retried: Mapped[bool | None]

    @hybrid_property
    def request_head(self) -> bytes:
        """Request line and headers, as sent."""
        return expanded(bytes(self.stored_head), self.delivery_id, self.number, self.webhook_id)

    @request_head.inplace.setter
    def _set_request_head(self, head: bytes) -> None:
        self.stored_head = head

    @request_head.inplace.expression
    @classmethod
    def _stored_head(cls) -> InstrumentedAttribute[bytes]:
        return cls.stored_head


class Resend(Model):
    """Who resent a delivery. Attempts without a row are the first one and automatic retries."""

    __tablename__ = "resends"

    delivery_id: Mapped[Id] = mapped_column(primary_key=True)
    # Of the attempt that followed, or will.
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    organization_id: Mapped[Id]
    at: Mapped[Millis]
    # As in the audit log.
    actor_kind: Mapped[str] = mapped_column(String(10))
    actor_name: Mapped[str] = mapped_column(String(254))
    # The job that did it for them.
    job_id: Mapped[Id | None]


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
