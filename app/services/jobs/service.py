"""Start and stop jobs."""

from dataclasses import replace

from sqlalchemy import select, update

from app.domain.common.clock import now_ms
from app.domain.common.errors import Conflict, NotFound
from app.domain.common.ids import new_id
from app.domain.jobs.kinds import (
    EXPORTS,
    IMPORT,
    MAX_OPEN,
    MAX_OPEN_EXPORTS,
    MAX_OPEN_IMPORTS,
    OPEN,
    QUEUED,
    REPORTS,
    SEND_MISSED,
    STOPPED,
)
from app.models import Job, JobFile
from app.queries import jobs as queries
from app.queries.deliveries.filters import DeliveryFilter
from app.queries.events.listing import EventFilter
from app.runtime.context import runtime
from app.services.accounts.actor import Actor
from app.services.accounts.locking import lock_organization
from app.services.audit import log as audit
from app.services.deliveries.bulk import Verb, check_is_whole
from app.services.jobs import exporting, importing
from app.services.jobs.arguments import (
    Arguments,
    ImportOptions,
    MissedEvents,
    Subjects,
    document,
    shown,
)
from app.services.webhooks.changes import get_webhook
from app.store.transaction import write_transaction


def start_matching(organization_id: str, filters: DeliveryFilter, actor: Actor, verb: Verb) -> Job:
    """Resend or cancel all deliveries that match now. Conflict: too many jobs are open, or that of
    `check_is_whole`."""
    until = now_ms() + 1 if filters.until is None else min(filters.until, now_ms() + 1)
    bounded = replace(filters, until=until)
    check_is_whole(organization_id, bounded)
    return _start(organization_id, verb, bounded, actor)


def start_export(
    organization_id: str, filters: DeliveryFilter | EventFilter, actor: Actor, kind: str
) -> Job:
    """All deliveries or events that match now, as a file, which replaces the oldest one if there
    are too many. kind: `csv` or `ndjson`. Conflict: too many jobs are open."""
    until = now_ms() + 1 if filters.until is None else min(filters.until, now_ms() + 1)
    prefix = "export_events" if isinstance(filters, EventFilter) else "export"
    job = _start(organization_id, f"{prefix}_{kind}", replace(filters, until=until), actor)
    _delete_unused_files(organization_id)
    return job


def start_import(
    organization_id: str, lines: list[bytes], options: ImportOptions, actor: Actor
) -> Job:
    """lines: of `import_lines.split`. Conflict: too many jobs are open."""
    _delete_unused_files(organization_id)
    return _start(organization_id, IMPORT, options, actor, lines=lines)


def _delete_unused_files(organization_id: str) -> None:
    with write_transaction() as session:
        lock_organization(session, organization_id)
        unused = exporting.give_up_files(organization_id)
    while unused and exporting.delete_parts(JobFile.job_id.in_(unused)):
        pass


def start_sending_missed(
    organization_id: str, webhook_id: str, since: int, actor: Actor, *, until: int | None = None
) -> Job:
    """Send what the webhook missed since a time, in milliseconds. until: excluded; never later than
    now. NotFound, Conflict."""
    webhook = get_webhook(organization_id, webhook_id)
    if webhook.once:
        raise Conflict("A one-time webhook cannot miss events: it waits for its first match.")
    end = now_ms() + 1
    missed = MissedEvents(webhook.id, since, end if until is None else min(until, end))
    return _start(organization_id, SEND_MISSED, missed, actor)


def start_report(organization_id: str | None, kind: str, subjects: Subjects, actor: Actor) -> Job:
    """kind: of REPORTS. organization_id: None for a platform key's. Conflict: too many are open."""
    return _start(organization_id, kind, subjects, actor)


def stop(organization_id: str, job_id: str, actor: Actor) -> Job:
    """What it has queued is sent; nothing more is. Conflict: it has ended. NotFound."""
    with write_transaction() as session:
        own = (
            Job.id == job_id,
            Job.organization_id == organization_id,
            Job.kind.not_in(REPORTS),
        )
        job = session.scalars(select(Job).where(*own).with_for_update()).one_or_none()
        if job is None:
            raise NotFound("No such job in this organization.")
        if job.state not in OPEN:
            raise Conflict(
                f"This job has {'failed' if job.state == 'failed' else 'ended'} already."
            )
        session.execute(
            update(Job)
            .where(*own)
            .values(state=STOPPED, ended_at=now_ms(), runner=None, lease_until=0)
        )
        audit.record(
            session,
            organization_id,
            actor,
            "job.stop",
            job.id,
            after={"kind": job.kind, "count": job.done},
        )
    stopped = queries.get(organization_id, job_id)
    assert stopped is not None
    return stopped


def _start(
    organization_id: str | None,
    kind: str,
    arguments: Arguments,
    actor: Actor,
    *,
    lines: list[bytes] | None = None,
) -> Job:
    """lines: of an import."""
    now = now_ms()
    stored = document(arguments)
    job = Job(
        id=new_id(),
        organization_id=organization_id,
        kind=kind,
        arguments=stored,
        actor_kind=actor.kind,
        actor_id=actor.id,
        actor_name=actor.name[:254],
        state=QUEUED,
        created_at=now,
        touched_at=now,
    )
    if lines is not None:
        job.total, job.total_is_exact = len(lines), True
    # Before the transaction: to encrypt some MiB takes long.
    parts = importing.parts(job, lines or [])
    with write_transaction() as session:
        # Two requests cannot exceed the limit together.
        if organization_id is not None:
            lock_organization(session, organization_id)
        _check_open(organization_id, kind)
        session.add(job)
        session.add_all(parts)
        after = {"kind": kind, "filter": shown(stored)}
        audit.record(session, organization_id, actor, "job.start", job.id, after=after)
    runtime().wake_up.start_job(job.id)
    return job


def _check_open(organization_id: str | None, kind: str) -> None:
    """Conflict: too many jobs are open."""
    limits: list[tuple[str, tuple[str, ...], int]] = [("jobs", (), MAX_OPEN)]
    if kind in EXPORTS:
        limits.append(("exports", tuple(EXPORTS), MAX_OPEN_EXPORTS))
    elif kind == IMPORT:
        limits.append(("imports", (IMPORT,), MAX_OPEN_IMPORTS))
    for words, kinds, most in limits:
        if queries.open_count(organization_id, kinds) >= most:
            raise Conflict(f"{most} {words} are open. Wait until one ends, or stop one.")
