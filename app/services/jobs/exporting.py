"""Export deliveries into a file: rows with its compressed parts, written with the job's steps.

Any process that reaches the database can continue the file, or send it.
"""

import zlib
from collections.abc import Iterator

from sqlalchemy import ColumnElement, delete, select, tuple_

from app.domain.common.clock import now_ms
from app.domain.common.errors import Conflict, NotFound
from app.domain.jobs.kinds import COMPLETED, EXPORTS
from app.models import Job, JobFile
from app.models.common.base import db
from app.queries import jobs as queries
from app.queries.deliveries import listing as delivery_queries
from app.queries.deliveries.filters import DeliveryFilter
from app.queries.deliveries.walks import ids_above
from app.services.deliveries.export_rows import head, lines, record
from app.services.jobs.reports import Result
from app.store.sessions import WriteSession
from app.store.transaction import write_transaction

AT_ONCE = 500
# Of one file, before it is compressed. More needs several exports.
MAX_DELIVERIES, MAX_BYTES = 500_000, 256 << 20
# The newest files of an organization that are kept, and how many are looked at to find the others.
MAX_FILES, LOOKED_AT = 4, 100
# Of a file, deleted in one transaction.
PARTS = 50
# How long a file can be downloaded after its job was created.
KEPT_MS = 24 * 3_600_000
FULL = (
    "The file is as large as it can be: it has the oldest deliveries. Export the others with a"
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

    def __init__(self, job: Job, filters: DeliveryFilter) -> None:
        kind, before = EXPORTS[job.kind], (job.result or {}).get("bytes", 0)
        stretch = ids_above(job.owner, filters, job.position, AT_ONCE)
        rows = delivery_queries.get_many(job.owner, [row.id for row in stretch.rows])
        records = [record(row) for row in reversed(rows)]
        # No transaction stays open between the steps.
        db.session.rollback()
        self._content = (b"" if before else head(kind)) + lines(kind, records)
        self._job_id, self._created_at, self._number = job.id, job.created_at, len(records)
        self._before = before
        size = before + len(self._content)
        is_full = job.done + len(records) >= MAX_DELIVERIES or size >= MAX_BYTES
        self.edge = None if is_full else stretch.edge
        self.problem = FULL if is_full and stretch.edge is not None else ""
        self.result: Result = {"bytes": size}

    def write(self, session: WriteSession, _: str) -> int:
        """In the transaction that moves the job on."""
        if self._content:
            session.add(
                JobFile(
                    job_id=self._job_id,
                    start=self._before,
                    content=zlib.compress(self._content),
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
    the organization. Returns the jobs whose parts can be deleted: theirs, and of those that were
    stopped or failed."""
    ended = queries.ended_with_files(organization_id, LOOKED_AT)
    replaced = [job for job in ended if job.state == COMPLETED][MAX_FILES:]
    for job in replaced:
        job.result = {**(job.result or {}), "replaced": True}
    return [job.id for job in ended if job.state != COMPLETED or job in replaced]


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
