"""Run jobs: in turns, each in small transactions that also move the job on.

A thread of a worker runs them, besides deliveries. A step writes its result and the position after
it in one transaction, under a lease: when the process dies, another one continues behind the last
step, and no step counts twice.
"""

import logging
import time
from collections.abc import Callable
from functools import partial

from sqlalchemy import delete, select, update

from app.domain.common.clock import now_ms
from app.domain.common.errors import Conflict, NotFound, TooLarge, Unavailable
from app.domain.common.ids import new_id
from app.domain.jobs.kinds import COMPLETED, FAILED, OPEN, RUNNING
from app.domain.maintenance.retention import DAY_MS
from app.models import Job, JobFile
from app.models.common.base import db
from app.models.jobs import IS_OPEN
from app.queries import jobs as queries
from app.runtime.context import runtime
from app.services.accounts.actor import Actor
from app.services.audit import log as audit
from app.services.jobs import exporting, steps
from app.services.jobs.arguments import DamagedArguments, parse
from app.services.jobs.steps import Step
from app.services.maintenance.periodic import PeriodicTask
from app.store.availability import is_reported
from app.store.deadlocks import retry_on_deadlock
from app.store.sessions import WriteSession
from app.store.transaction import write_transaction

_log = logging.getLogger(__name__)

THREAD = "jobs"
# Longer than a step ever takes.
LEASE_MS = 15_000
# A job's turn, and the pause after each step: a multiple of its duration, within bounds, because
# SQLite has one writer at a time and Python one running thread.
TURN_SECONDS = 5.0
REST, SHORTEST_REST, LONGEST_REST = 1.0, 0.002, 0.5
# Until a job goes on for which there was no process just now.
PAUSE_MS = 2_000
# After so many unexpected errors in a row a job fails.
MAX_ERRORS = 5
UNEXPECTED = "An unexpected error. The operator of this server finds it in the log."


class Lost(Exception):
    """The job was stopped, or another process runs it."""


def start_thread() -> None:
    """Run jobs in a thread of this process, unless it does so already."""
    runtime().background.start(THREAD, run_all)


def _run_found(_: float) -> bool:
    start_thread()
    return False


# Starts jobs that Redis has lost, and continues those of processes that died.
LOOKING = PeriodicTask("jobs", 2.0, _run_found, lambda now: queries.runnable(now, LEASE_MS))


def run_all() -> None:
    """Until no job is runnable."""
    while (job := _claim(now_ms())) is not None:
        try:
            _turn(job)
        except Lost:
            continue
        except Unavailable:
            _pause(job)
        except Exception as error:
            if is_reported(error):
                raise
            _log.exception("job %s failed", job.id)
            _note_error(job)
        finally:
            db.session.rollback()


def _turn(job: Job) -> None:
    stop = time.monotonic() + TURN_SECONDS
    try:
        arguments = parse(job.kind, job.arguments)
        if job.total is None:
            _write(job, partial(_count, job, steps.count(job, arguments)))
        while True:
            started = time.monotonic()
            step = steps.next_step(job, arguments)
            number = retry_on_deadlock(partial(_write, job, partial(_carry_out, job, step)))
            # None: the webhook was changed since its events were matched. Match them again.
            if number is not None:
                job.done, job.position, job.result = job.done + number, step.edge, step.result
                # Also after cancelling: the next delivery of an ordering key may be due.
                runtime().wake_up.notify()
                if step.edge is None:
                    return
            now = time.monotonic()
            if now >= stop:
                _write(job, partial(_give_back, job))
                return
            time.sleep(min(max((now - started) * REST, SHORTEST_REST), LONGEST_REST))
    except (NotFound, Conflict, TooLarge, DamagedArguments) as error:
        detail = "The webhook was deleted." if isinstance(error, NotFound) else str(error)
        _write(job, partial(_end, job, FAILED, detail))


def _claim(now: int) -> Job | None:
    """The job that waits longest for its turn."""
    is_free = (Job.lease_until <= now) | (Job.lease_until > now + LEASE_MS)
    with write_transaction() as session:
        statement = select(Job).where(IS_OPEN, is_free).order_by(Job.touched_at).limit(1)
        job = session.scalars(statement.with_for_update(skip_locked=True)).first()
        if job is None:
            return None
        job.runner, job.lease_until, job.touched_at = new_id(), now + LEASE_MS, now
        job.state, job.started_at = RUNNING, job.started_at or now
    session.expunge(job)
    return job


def _write(job: Job, change: Callable[[WriteSession], int | None]) -> int | None:
    """One transaction under the lease, which it renews. Lost."""
    with write_transaction() as session:
        held = update(Job).where(Job.id == job.id, Job.runner == job.runner, Job.state == RUNNING)
        renewed = held.values(lease_until=now_ms() + LEASE_MS).returning(Job.id)
        if session.execute(renewed).first() is None:
            raise Lost
        return change(session)


def _count(job: Job, total: steps.Total, session: WriteSession) -> int:
    values = {"total": total.number, "total_is_exact": total.is_exact}
    session.execute(update(Job).where(Job.id == job.id).values(**values))
    return total.number


def _carry_out(job: Job, step: Step, session: WriteSession) -> int | None:
    number = step.act(session, job.id)
    if number is None:
        return None
    values = {"done": job.done + number, "position": step.edge, "errors": 0}
    session.execute(update(Job).where(Job.id == job.id).values(**values, result=step.result))
    if step.edge is None:
        _end(job, COMPLETED, step.problem, session, done=job.done + number)
    return number


def _give_back(job: Job, session: WriteSession) -> int:
    values = {"runner": None, "lease_until": 0, "touched_at": now_ms()}
    session.execute(update(Job).where(Job.id == job.id).values(**values))
    return 0


def _end(
    job: Job, state: str, problem: str, session: WriteSession, *, done: int | None = None
) -> int:
    ended = {"state": state, "problem": problem, "ended_at": now_ms()}
    statement = update(Job).where(Job.id == job.id, Job.state.in_(OPEN))
    session.execute(statement.values(**ended, runner=None, lease_until=0))
    actor = Actor(job.actor_kind, job.actor_id, job.actor_name)  # type: ignore[arg-type]
    count = job.done if done is None else done
    after = {"kind": job.kind, "count": count} | ({"problem": problem} if problem else {})
    action = "job.complete" if state == COMPLETED else "job.fail"
    audit.record(session, job.organization_id, actor, action, job.id, after=after)
    return 0


def _pause(job: Job) -> None:
    """No error of the job: it goes on later, here or elsewhere."""
    db.session.rollback()
    with write_transaction() as session:
        statement = update(Job).where(Job.id == job.id, Job.runner == job.runner)
        until = now_ms() + PAUSE_MS
        session.execute(statement.values(runner=None, lease_until=until, touched_at=now_ms()))


def _note_error(job: Job) -> None:
    """The lease stays, so that the next try comes later."""
    db.session.rollback()
    with write_transaction() as session:
        statement = update(Job).where(Job.id == job.id, Job.runner == job.runner)
        counted = statement.values(errors=Job.errors + 1).returning(Job.errors)
        if (session.scalar(counted) or 0) >= MAX_ERRORS:
            _end(job, FAILED, UNEXPECTED, session)


def expire(_: float) -> bool:
    """Delete old jobs, kept as long as the longest that any organization keeps deliveries, and
    files that nobody can download any more."""
    now = now_ms()
    before = now - runtime().settings.retention_days * DAY_MS
    if queries.has_ended_before(before):
        with write_transaction() as session:
            session.execute(delete(Job).where(Job.ended_at < before))
    if queries.has_expired_file(now):
        exporting.delete_parts(JobFile.expires_at < now)
    return False


EXPIRING = PeriodicTask("expiring jobs", 30.0, expire)
