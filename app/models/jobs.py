"""Jobs: bulk work that a person or a program started."""

from sqlalchemy import BigInteger, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.common.base import Model
from app.models.common.columns import ID, Blob, Document, Id, Long, Millis

# The few that a worker may have to continue.
IS_OPEN = text("state IN ('queued', 'running')")


class Job(Model):
    """Its state is this row alone: any worker can continue after `position`, once the lease of the
    one that ran it has ended."""

    __tablename__ = "jobs"
    __table_args__ = (
        Index("ix_jobs_organization_id_id", "organization_id", "id"),
        Index("ix_jobs_open", "touched_at", postgresql_where=IS_OPEN, sqlite_where=IS_OPEN),
    )

    id: Mapped[Id] = mapped_column(primary_key=True)
    # None: a report on the whole installation.
    organization_id: Mapped[str | None] = mapped_column(ID, ForeignKey("organizations.id"))
    # Of `domain.jobs.kinds`; `arguments` are its.
    kind: Mapped[str] = mapped_column(String(20))
    arguments: Mapped[Document]
    # Who started it, as in the audit log.
    actor_kind: Mapped[str] = mapped_column(String(10))
    actor_id: Mapped[str | None] = mapped_column(String(128))
    actor_name: Mapped[str] = mapped_column(String(254))
    # queued, running, completed, stopped or failed.
    state: Mapped[str] = mapped_column(String(10), default="queued")
    # Deliveries that it will act on, counted at its start; None: not counted yet.
    total: Mapped[Millis | None]
    total_is_exact: Mapped[bool] = mapped_column(default=False)
    # Deliveries that it has acted on.
    done: Mapped[Millis] = mapped_column(default=0)
    # The id of the last delivery or event that it examined.
    position: Mapped[Id | None]
    # Which process runs it, and until when that is believed. Milliseconds.
    runner: Mapped[str | None] = mapped_column(String(64))
    lease_until: Mapped[Millis] = mapped_column(default=0)
    # Unexpected errors in a row.
    errors: Mapped[int] = mapped_column(default=0)
    # Why it failed, as a sentence.
    problem: Mapped[Long] = mapped_column(default="")
    created_at: Mapped[Millis]
    started_at: Mapped[Millis | None]
    # When it last had its turn: jobs take turns.
    touched_at: Mapped[Millis] = mapped_column(default=0)
    ended_at: Mapped[Millis | None]
    # What a report has found so far; of an export {"bytes": of its file}.
    result: Mapped[Document | None]

    @property
    def owner(self) -> str:
        """The organization of a job that acts on deliveries."""
        assert self.organization_id is not None
        return self.organization_id


class JobFile(Model):
    """A part of the file that an export writes, compressed with zlib. start: its first byte in the
    whole file."""

    __tablename__ = "job_files"
    __table_args__ = (Index("ix_job_files_expires_at", "expires_at"),)

    job_id: Mapped[str] = mapped_column(ID, primary_key=True)
    start: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    content: Mapped[Blob]
    expires_at: Mapped[Millis]
