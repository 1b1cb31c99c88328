"""One event for one webhook."""

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Model
from app.models.columns import ID, Blob, Id, Long, Millis

# Failed, cancelled or skipped: what a person looks for; the open ones are found through `due`.
# Put so that SQLite, which takes a partial index only for its very words, does not seek by them:
# it would seek by the list of an IN, and lose the order by id.
TROUBLE = text("state NOT IN ('pending', 'retrying', 'succeeded')")

# Grouped by webhook and cause without a look at the rows themselves.
IS_FAILED = text("state = 'failed'")


class Delivery(Model):
    """`state` is as of the last commit about it; `sending` and the time of the next attempt are
    read from `due`, where a row stands as long as the delivery is open."""

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
            # Always the same; without it SQLite does not see that the index holds all it needs.
            "state",
            postgresql_where=IS_FAILED,
            sqlite_where=IS_FAILED,
        ),
    )

    id: Mapped[Id] = mapped_column(primary_key=True)
    organization_id: Mapped[Id]
    webhook_id: Mapped[Id]
    event_id: Mapped[str] = mapped_column(ID, ForeignKey("events.id"))
    # Copied from the event, so that lists need no join.
    event_type: Mapped[str] = mapped_column(String(128))
    source: Mapped[str | None] = mapped_column(String(512))
    # A one-off callback's own URL; None: the webhook's.
    url: Mapped[Long | None]
    # pending, retrying, succeeded, failed, cancelled or skipped (domain.states).
    state: Mapped[str] = mapped_column(String(10))
    attempts: Mapped[int] = mapped_column(default=0)
    last_status: Mapped[int | None]
    last_cause: Mapped[str | None] = mapped_column(String(30))
    created_at: Mapped[Millis]
    # When the last attempt ended, or the state was last changed by a person.
    updated_at: Mapped[Millis]


class DeliveryBody(Model):
    """What the first attempt of a run sent, as `bodies.to_keep` has it, so that a retry sends the
    same. Where it can be made again from the event alone there is a row only once a retry is due:
    a note of the format (docs/decisions/0002-derivable-bodies-are-not-stored.md)."""

    __tablename__ = "delivery_bodies"

    delivery_id: Mapped[str] = mapped_column(ID, primary_key=True)
    content_type: Mapped[str] = mapped_column(String(100))
    body: Mapped[Blob]
