"""The worker registry: one row for each running worker process."""

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from app.models.common.base import Model
from app.models.common.columns import IDENTITY, Millis


class Worker(Model):
    """A worker is dead when its `beat` has not changed for a while by another worker's monotonic
    clock; `seen_at` is for people."""

    __tablename__ = "workers"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(IDENTITY, primary_key=True, autoincrement=True)
    name: Mapped[str] = mapped_column(String(200))
    started_at: Mapped[Millis]
    beat: Mapped[int] = mapped_column(default=0)
    seen_at: Mapped[Millis]
    # Of its Callboard; None: a release before the column.
    release: Mapped[str | None] = mapped_column(String(40))
