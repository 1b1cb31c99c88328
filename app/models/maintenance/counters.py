"""Statistics: tallies as they are written, and counters that add them up."""

from sqlalchemy import BigInteger, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.models.common.base import Model
from app.models.common.columns import IDENTITY, Document, Id, Millis


class Counter(Model):
    """Totals by minute, quarter of an hour, hour and day. A periodic task adds tallies to them;
    readers add the tallies that are still waiting."""

    __tablename__ = "counters"
    __table_args__ = (
        # Finds expired counters.
        Index("ix_counters_span_start", "span", "start"),
        {"sqlite_with_rowid": False},
    )

    # A webhook's id; the organization's own id for all its webhooks together.
    subject_id: Mapped[Id] = mapped_column(primary_key=True)
    # Seconds: a key of `domain.deliveries.spans.KEPT`.
    span: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    start: Mapped[Millis] = mapped_column(primary_key=True, autoincrement=False)
    # See `domain.deliveries.tallies`.
    metric: Mapped[str] = mapped_column(String(150), primary_key=True)
    organization_id: Mapped[Id]
    value: Mapped[int] = mapped_column(BigInteger)


class Tally(Model):
    """What one transaction adds to the counters. It is inserted in the same transaction, so it is
    exact, and no transaction waits for a counter's row."""

    __tablename__ = "tallies"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(IDENTITY, primary_key=True, autoincrement=True)
    # The start of a minute.
    minute: Mapped[Millis]
    # A list of [organization id, webhook id or null, metric, number] (`domain.deliveries.tallies`).
    deltas: Mapped[Document]
