"""The due queue: one narrow row for each open delivery."""

from sqlalchemy import Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.common.base import Model
from app.models.common.columns import IDENTITY, Id, Millis, checks

FREE = text("claimed_by IS NULL AND head")
HEAD = text("head AND ordering_key IS NOT NULL")


class Due(Model):
    __tablename__ = "due"
    __table_args__ = (
        # Claiming reads only this index.
        Index(
            "ix_due_free",
            "webhook_id",
            "next_at",
            "id",
            postgresql_where=FREE,
            sqlite_where=FREE,
        ),
        Index(
            "ix_due_claimed",
            "claimed_by",
            postgresql_where=text("claimed_by IS NOT NULL"),
            sqlite_where=text("claimed_by IS NOT NULL"),
        ),
        # At most one delivery of an ordering key is sent at a time; also finds the next one.
        Index(
            "uq_due_head",
            "webhook_id",
            "ordering_key",
            unique=True,
            postgresql_where=HEAD,
            sqlite_where=HEAD,
        ),
        Index(
            "ix_due_order",
            "webhook_id",
            "ordering_key",
            "id",
            postgresql_where=text("ordering_key IS NOT NULL"),
            sqlite_where=text("ordering_key IS NOT NULL"),
        ),
        *checks(
            attempt="attempt >= 1",
            run_start="run_start >= 1",
            next_at="next_at >= 0",
            bytes="bytes >= 0",
            delay_ms="delay_ms >= 0",
        ),
        {"sqlite_autoincrement": True},
    )

    # The order of acceptance: on ordered webhooks drawn under the lock of the key.
    id: Mapped[int] = mapped_column(IDENTITY, primary_key=True, autoincrement=True)
    delivery_id: Mapped[Id] = mapped_column(unique=True)
    organization_id: Mapped[Id]
    webhook_id: Mapped[Id]
    event_id: Mapped[Id]
    next_at: Mapped[Millis]
    # The number of the next attempt, from 1, and the number at which the retry policy started
    # (1, or the first attempt of a resend).
    attempt: Mapped[int] = mapped_column(default=1)
    run_start: Mapped[int] = mapped_column(default=1)
    # workers.id. A late result is dropped unless claimed_by and attempt still match.
    claimed_by: Mapped[int | None] = mapped_column(IDENTITY)
    # None on an unordered webhook.
    ordering_key: Mapped[str | None] = mapped_column(String(512))
    # False: waits for an earlier delivery of its ordering key.
    head: Mapped[bool] = mapped_column(default=True)
    # Size of the payload; a worker limits the sum of what it claims.
    bytes: Mapped[int]
    # The delay that led to `next_at`, of a retry. A row that waits longer was scheduled by a clock
    # that has been set back since. None: a first attempt, or scheduled by an earlier release.
    delay_ms: Mapped[Millis | None]
