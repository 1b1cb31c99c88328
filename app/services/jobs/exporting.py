"""Export rows into a file, stored as its compressed parts and written with the job's steps.

Any process that reaches the database can continue the file, or send it.
"""

import zlib
from collections.abc import Iterator

from sqlalchemy import ColumnElement, delete, select, tuple_

from app.domain.common.clock import now_ms
from app.domain.common.errors import Conflict, NotFound
from app.domain.jobs.kinds import COMPLETED, EXPORTS, IMPORT
from app.models import Job, JobFile
from app.models.common.base import db
from app.queries import jobs as queries
from app.queries.deliveries.filters import DeliveryFilter
from app.queries.events.listing import EventFilter
from app.services.jobs import export_steps
from app.services.jobs.reports import Result
from app.store.sessions import WriteSession
from app.store.transaction import write_transaction

# Of one file, before it is compressed. More needs several exports.
MAX_ROWS, MAX_BYTES = 500_000, 256 << 20
# The newest files of an organization that are kept, and how many are looked at to find the others.
MAX_FILES, LOOKED_AT = 4, 100
# Of a file, deleted in one transaction.
PARTS = 50
# How long a file can be downloaded after its job was created.
KEPT_MS = 24 * 3_600_000
FULL = (
    "The file is as large as it can be: it has the {first}. Export the others with a"
    " filter on their time."
)
REPLACED = (
    "The file was deleted because newer exports replaced it. Start another export to get one."
)


class FileGone(Exception):
    """The file was deleted while it was sent. The response breaks off, so that nobody takes what
    was received for the whole."""


class Part:
    """The next part of a job's file. edge: the position after it; None: it is the last one.
    problem: why not all deliveries are in the file."""

    def __init__(self, job: Job, filters: DeliveryFilter | EventFilter) -> None:
        kind, before = EXPORTS[job.kind], (job.result or {}).get("bytes", 0)
        rows = export_steps.more(job.owner, filters, job.position, kind)
        # No transaction stays open between the steps.
        db.session.rollback()
        content = (b"" if before else rows.head) + rows.content
        # Here, not in the transaction: it takes long, and SQLite has one writer at a time.
        self._stored = zlib.compress(content) if content else b""
        self._job_id, self._created_at, self._number = job.id, job.created_at, rows.number
        self._before = before
        size = before + len(content)
        is_full = job.done + rows.number >= MAX_ROWS or size >= MAX_BYTES
        self.edge = None if is_full else rows.edge
        is_cut = is_full and rows.edge is not None
        self.problem = FULL.format(first=rows.first) if is_cut else ""
        self.result: Result = {"bytes": size}

    def write(self, session: WriteSession, _: str) -> int:
        """In the transaction that moves the job on."""
        if self._stored:
            session.add(
                JobFile(
                    job_id=self._job_id,
                    start=self._before,
                    content=self._stored,
                    expires_at=self._created_at + KEPT_MS,
                )
            )
        return self._number


def is_available(job: Job, now: int) -> bool:
    """Whether the job's file can be downloaded."""
    is_kept = now < job.created_at + KEPT_MS and not is_replaced(job)
    return job.kind in EXPORTS and job.state == COMPLETED and is_kept


def is_replaced(job: Job) -> bool:
    """Whether newer exports took the place of the job's file."""
    return job.kind in EXPORTS and bool((job.result or {}).get("replaced"))


def give_up_files(organization_id: str) -> list[str]:
    """Mark all but the newest files as replaced, in the transaction of the caller, which has locked
    the organization. Returns the jobs whose parts can be deleted: theirs, of those that were
    stopped or failed, and of ended imports."""
    ended = queries.ended_with_files(organization_id, LOOKED_AT)
    complete = [job for job in ended if job.state == COMPLETED and job.kind != IMPORT]
    replaced = complete[MAX_FILES:]
    for job in replaced:
        job.result = {**(job.result or {}), "replaced": True}
    return [job.id for job in ended if job not in complete or job in replaced]


def delete_parts(condition: ColumnElement[bool]) -> bool:
    """Delete some parts in a transaction. False: there are no more."""
    key = (JobFile.job_id, JobFile.start)
    with write_transaction() as session:
        rows = [tuple(row) for row in session.execute(select(*key).where(condition).limit(PARTS))]
        if rows:
            session.execute(delete(JobFile).where(tuple_(*key).in_(rows)))
    return len(rows) == PARTS


def file_of(organization_id: str, job_id: str) -> Job:
    """NotFound: no such job. Conflict: it has no file."""
    job = queries.get(organization_id, job_id)
    if job is None:
        raise NotFound
    if is_replaced(job):
        raise Conflict(REPLACED)
    if not is_available(job, now_ms()):
        raise Conflict("This job has no file: it is not an export, is not done, or has expired.")
    return job


def content_of(job: Job) -> Iterator[bytes]:
    """Each part is read in its own transaction, which ends before it is sent. FileGone."""
    id_, owner, size = job.id, job.owner, (job.result or {}).get("bytes", 0)
    start, sent = -1, 0
    while (part := queries.file_part(owner, id_, start)) is not None:
        start, stored = part
        db.session.rollback()
        content = zlib.decompress(stored)
        sent += len(content)
        yield content
    if sent < size:
        raise FileGone
