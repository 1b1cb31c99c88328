"""What Svix's API calls background tasks: the row says what to do and how far it has come."""

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.models.common.base import Model
from app.models.common.columns import Document, Id, Millis


class BackgroundTask(Model):
    """The row is the truth: a periodic task continues what a process left unfinished."""

    __tablename__ = "background_tasks"
    __table_args__ = (
        Index("ix_background_tasks_organization_id_id", "organization_id", "id"),
        Index("ix_background_tasks_state", "state"),
    )

    id: Mapped[Id] = mapped_column(primary_key=True)
    # None: it concerns the whole installation.
    organization_id: Mapped[Id | None]
    # See `services.background_tasks`.
    kind: Mapped[str] = mapped_column(String(40))
    # running, finished or failed.
    state: Mapped[str] = mapped_column(String(10))
    # What it is to do, and who started it.
    terms: Mapped[Document]
    # How far it has come, and what came of it.
    result: Mapped[Document]
    created_at: Mapped[Millis]
    updated_at: Mapped[Millis]
