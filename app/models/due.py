"""The narrow table of what is to be done: a row for each open delivery, and nothing else."""

from sqlalchemy import Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Model
from app.models.columns import IDENTITY, Id, Millis

FREE = text("claimed_by IS NULL AND head")
HEAD = text("head AND ordering_key IS NOT NULL")


class Due(Model):
    __tablename__ = "due"
    __table_args__ = (
        # The claim reads this index alone.
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
        # At most one of a key goes at a time; also finds the key's next.
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
        {"sqlite_autoincrement": True},
    )

    # The order of acceptance: drawn under the webhook's and key's lock where it matters.
    id: Mapped[int] = mapped_column(IDENTITY, primary_key=True, autoincrement=True)
    delivery_id: Mapped[Id] = mapped_column(unique=True)
    organization_id: Mapped[Id]
    webhook_id: Mapped[Id]
    event_id: Mapped[Id]
    next_at: Mapped[Millis]
    # The number of the next attempt, from 1, and the number with which the retry policy started
    # (1, or where a person had it sent again).
    attempt: Mapped[int] = mapped_column(default=1)
    run_start: Mapped[int] = mapped_column(default=1)
    # workers.id; a late record is refused unless claimed_by and attempt are still its own.
    claimed_by: Mapped[int | None] = mapped_column(IDENTITY)
    # None on an unordered webhook.
    ordering_key: Mapped[str | None] = mapped_column(String(512))
    # False: waits for an earlier one of its key.
    head: Mapped[bool] = mapped_column(default=True)
    # Of the payload; a worker claims up to a sum of these.
    bytes: Mapped[int]
