"""What has happened, added up by minute, quarter of an hour, hour and day."""

from sqlalchemy import BigInteger, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Model
from app.models.columns import Id, Millis


class Counter(Model):
    """A chore adds tallies up into these; whoever reads adds the tallies that still wait."""

    __tablename__ = "counters"
    __table_args__ = (
        # For taking the old ones away.
        Index("ix_counters_span_start", "span", "start"),
        {"sqlite_with_rowid": False},
    )

    # A webhook's id, or the organization's own: then it is of all its webhooks together.
    subject_id: Mapped[Id] = mapped_column(primary_key=True)
    # Seconds (domain.spans).
    span: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    start: Mapped[Millis] = mapped_column(primary_key=True, autoincrement=False)
    # As in domain.tallies.
    metric: Mapped[str] = mapped_column(String(150), primary_key=True)
    organization_id: Mapped[Id]
    value: Mapped[int] = mapped_column(BigInteger)
