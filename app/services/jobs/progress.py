"""The progress of a stored job."""

from dataclasses import replace

from app.domain.jobs.kinds import CANCEL, FAILED, OPEN, STOPPED, WITHOUT_DELIVERIES
from app.domain.jobs.progress import Progress, progress
from app.models import Job
from app.queries import jobs as queries


def of(job: Job, now: int) -> Progress:
    """now: milliseconds since the epoch."""
    to_do: int | None = 0
    if job.state in OPEN:
        unknown = job.total is None or not job.total_is_exact
        to_do = None if unknown else max(0, (job.total or 0) - job.done)
    elif job.state in (STOPPED, FAILED):
        # It has ended: what it had queued is sent, but nobody waits for the job.
        to_do = None
    elapsed = 0 if job.started_at is None else (now - job.started_at) / 1000
    if job.kind in WITHOUT_DELIVERIES:
        # It changes no delivery: done is done.
        return replace(progress((), job.done, to_do, elapsed, is_cancelling=True), elsewhere=0)
    return progress(
        queries.counts(job.owner, job.id),
        job.done,
        to_do,
        elapsed,
        is_cancelling=job.kind == CANCEL,
    )
