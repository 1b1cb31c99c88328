"""The next step of a job: which deliveries, and what is done with them."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from app.domain.common.clock import now_ms
from app.domain.jobs.kinds import CANCEL, EXPORTS
from app.domain.webhooks.facts import WebhookFacts
from app.models import Job
from app.models.common.base import db
from app.queries.common.scans import Condition
from app.queries.deliveries.missed import Missed
from app.queries.deliveries.walks import ids_above
from app.queries.events.listing import EventFilter
from app.services.deliveries import missed
from app.services.deliveries.bulk import AT_ONCE, Verb, act_of, eligible
from app.services.deliveries.resending import ResentBy
from app.services.jobs import export_steps, exporting, importing, reports
from app.services.jobs.arguments import Arguments, ImportOptions, MissedEvents, Subjects
from app.store.sessions import WriteSession

# How long a job counts before it begins.
COUNT_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Total:
    number: int
    is_exact: bool


@dataclass(frozen=True, slots=True)
class Step:
    """act: in the caller's transaction, with the job's id; returns the number of deliveries, or
    None to repeat the step. edge: the position after it; None: the job is done. result: of a
    report, with what this step found. problem: why a job that is done has not done all."""

    act: Callable[[WriteSession, str], int | None]
    edge: str | None
    result: reports.Result | None = None
    problem: str = ""


def count(job: Job, arguments: Arguments) -> Total:
    """Stops after COUNT_SECONDS. NotFound, Conflict: its webhook."""
    if isinstance(arguments, Subjects):
        return Total(len(arguments.ids or ()), arguments.ids is not None)
    organization_id, kind = job.owner, job.kind
    if isinstance(arguments, MissedEvents):
        scope = organization_id, arguments.webhook_id, arguments.since
        counted = missed.count_missed(*scope, until=arguments.until, seconds=COUNT_SECONDS)
        return Total(counted.number, counted.after is None)
    assert not isinstance(arguments, ImportOptions), "its lines are counted when it is uploaded"
    stop = time.monotonic() + COUNT_SECONDS
    number, after = 0, None
    while True:
        if isinstance(arguments, EventFilter):
            rows, after = export_steps.events_below(organization_id, arguments, after)
        else:
            stretch = ids_above(organization_id, arguments, after, AT_ONCE, _also(kind))
            rows, after = stretch.rows, stretch.edge
        db.session.rollback()
        number += len(rows)
        if after is None or time.monotonic() >= stop:
            return Total(number, after is None)


def next_step(job: Job, arguments: Arguments) -> Step:
    """NotFound, Conflict: its webhook. TooLarge: a report on too many organizations."""
    if isinstance(arguments, Subjects):
        report = reports.more(job.kind, arguments, job.result or {}, job.position)
        return Step(lambda _, __: report.number, report.edge, report.result)
    organization_id, kind, position = job.owner, job.kind, job.position
    if isinstance(arguments, MissedEvents):
        span = (arguments.since, arguments.until)
        webhook, events, edge = missed.next_missed(
            organization_id, arguments.webhook_id, span, position
        )
        return Step(partial(_send_missed, webhook, events), edge)
    if isinstance(arguments, ImportOptions):
        line = importing.Line(job, arguments)
        return Step(line.write, line.edge, line.result)
    if isinstance(arguments, EventFilter) or kind in EXPORTS:
        part = exporting.Part(job, arguments)
        return Step(part.write, part.edge, part.result, part.problem)
    stretch = ids_above(organization_id, arguments, position, AT_ONCE, _also(kind))
    # No transaction stays open between the steps.
    db.session.rollback()
    ids = [row.id for row in stretch.rows]
    act = act_of(_verb(kind), ResentBy(job.actor_kind, job.actor_name))

    def work(session: WriteSession, job_id: str) -> int:
        return len(act(session, organization_id, ids, now_ms(), job_id)) if ids else 0

    return Step(work, stretch.edge)


def _send_missed(
    webhook: WebhookFacts,
    events: list[Missed],
    session: WriteSession,
    job_id: str,
) -> int | None:
    return missed.send_in(session, webhook, events, job_id) if events else 0


def _also(kind: str) -> Condition | None:
    """Which of the matching deliveries the job acts on; None: all."""
    return None if kind in EXPORTS else eligible(_verb(kind))


def _verb(kind: str) -> Verb:
    return "cancel" if kind == CANCEL else "resend"
