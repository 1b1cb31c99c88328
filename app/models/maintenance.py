"""What the workers leave for later: sums to be added up, news to be told, chores to be done."""

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Model
from app.models.columns import IDENTITY, Document, Id, Millis


class Tally(Model):
    """What one transaction of a worker or of ingest adds to the counters: appended beside what it
    counts, so that it is exact and nobody waits for a counter's row; a chore adds them up."""

    __tablename__ = "tallies"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(IDENTITY, primary_key=True, autoincrement=True)
    # The start of a minute.
    minute: Mapped[Millis]
    # A list of [organization id, webhook id or null, metric, number] (domain.tallies).
    deltas: Mapped[Document]


class Notice(Model):
    """Something that a worker noticed about a webhook and that people want to hear of."""

    __tablename__ = "notices"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(IDENTITY, primary_key=True, autoincrement=True)
    organization_id: Mapped[Id]
    # webhook.disabled, webhook.failing, webhook.recovered, delivery.failed.
    kind: Mapped[str] = mapped_column(String(40))
    webhook_id: Mapped[Id]
    delivery_id: Mapped[Id | None]
    at: Mapped[Millis]
    # Particulars: reason, cause, status, since.
    detail: Mapped[Document]


class PeriodicTask(Model):
    """Something that is done by one worker now and then; whoever moves `next_at` on does it."""

    __tablename__ = "chores"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    next_at: Mapped[Millis]
