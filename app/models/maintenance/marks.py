"""Schedules of periodic tasks, and the progress of data retention."""

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.models.common.base import Model
from app.models.common.columns import ID, Id, Millis


class TaskSchedule(Model):
    """When a periodic task runs next. The worker that moves `next_at` forward runs it."""

    __tablename__ = "chores"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    next_at: Mapped[Millis]


class RetentionMark(Model):
    """How far an organization's cleanup has come. Positions are event ids."""

    __tablename__ = "retention_marks"

    organization_id: Mapped[str] = mapped_column(
        ID, ForeignKey("organizations.id"), primary_key=True
    )
    # When the next round starts, or continues.
    next_at: Mapped[Millis] = mapped_column(index=True)
    # Positions of the current round; None: not started.
    events_after: Mapped[Id | None]
    held_after: Mapped[Id | None]
    # Only moves forward: events whose payload cannot expire yet are kept in `held_payloads`.
    payloads_after: Mapped[Id | None]


class SealingMark(Model):
    """How far the credentials in a table's older rows are encrypted. Positions are primary keys as
    text; None: not started."""

    __tablename__ = "sealing_marks"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    position: Mapped[str | None] = mapped_column(String(64))
    # The last row that a worker of the previous release may have written; None: one still runs. Of
    # the webhooks: when the last round ended, in milliseconds.
    until: Mapped[str | None] = mapped_column(String(64))


class RetainedPayload(Model):
    """An event that still had open deliveries when its payload should have expired."""

    __tablename__ = "held_payloads"

    organization_id: Mapped[Id] = mapped_column(primary_key=True)
    event_id: Mapped[Id] = mapped_column(primary_key=True)
