"""Jobs and the states of their deliveries."""

from collections.abc import Collection, Sequence

from sqlalchemy import Select, func, select
from sqlalchemy.orm import defer

from app.domain.common.ids import canonical_id
from app.domain.jobs.kinds import EXPORTS, IMPORT, OPEN, REPORTS
from app.models import Delivery, Job, JobFile, Webhook
from app.models.common.base import db
from app.models.jobs import IS_OPEN
from app.queries.common.moments import Moment
from app.queries.common.pages import EXAMINED, Page, cut, decode_cursor, next_cursor, taken
from app.queries.common.scans import Condition, Scan, Span, unindexed
from app.queries.common.turns import Turn, Turned, turn

_ACTS_ON_DELIVERIES = Job.kind.not_in(REPORTS)


def page(organization_id: str, limit: int, cursor: str | None = None) -> Page[Job]:
    """Those that act on deliveries, newest first, without what they have found, which may be long.
    Invalid: a malformed cursor."""
    statement = select(Job).where(Job.organization_id == organization_id, _ACTS_ON_DELIVERIES)
    statement = statement.options(defer(Job.result)).order_by(Job.id.desc())
    below = decode_cursor(cursor)
    if below is not None:
        statement = statement.where(Job.id < below)
    stretch = taken(cut(list(db.session.scalars(statement.limit(limit + 1))), None, limit), limit)
    return Page(stretch.rows, next_cursor(stretch))


def get(organization_id: str, job_id: object) -> Job | None:
    """A job that acts on deliveries."""
    return db.session.scalar(
        select(Job).where(
            Job.id == canonical_id(str(job_id)),
            Job.organization_id == organization_id,
            _ACTS_ON_DELIVERIES,
        )
    )


def turned(
    organization_id: str | None,
    direction: Turn,
    limit: int,
    *,
    kinds: Sequence[str],
    states: Sequence[str] = (),
) -> Turned:
    """Jobs of these kinds, reports included. organization_id None: of all, for platform keys."""
    base = () if organization_id is None else (Job.organization_id == organization_id,)
    rest: list[Condition] = [Job.kind.in_(list(kinds))]
    if states:
        rest.append(Job.state.in_(list(states)))
    return turn(Scan(Job, base, tuple(rest), Span(), EXAMINED), direction, limit)


def of_any_kind(organization_id: str | None, job_id: str) -> Job | None:
    """organization_id None: of any, for platform keys."""
    statement = select(Job).where(Job.id == job_id)
    if organization_id is not None:
        statement = statement.where(Job.organization_id == organization_id)
    return db.session.scalar(statement)


def file_part(organization_id: str, job_id: str, above: int) -> tuple[int, bytes] | None:
    """The part of the job's file behind the one that starts at `above`: its start and content."""
    statement = (
        select(JobFile.start, JobFile.content)
        .join(Job, (Job.id == JobFile.job_id) & (Job.organization_id == organization_id))
        .where(JobFile.job_id == job_id, JobFile.start > above)
        .order_by(JobFile.start)
        .limit(1)
    )
    row = db.session.execute(statement).one_or_none()
    return None if row is None else (row.start, bytes(row.content))


def file_part_of_line(organization_id: str, job_id: str, line: int) -> tuple[int, bytes] | None:
    """The part of an import's file that has the line: its first line and its content."""
    statement = (
        select(JobFile.start, JobFile.content)
        .join(Job, (Job.id == JobFile.job_id) & (Job.organization_id == organization_id))
        .where(JobFile.job_id == job_id, JobFile.start <= line)
        .order_by(JobFile.start.desc())
        .limit(1)
    )
    row = db.session.execute(statement).one_or_none()
    return None if row is None else (row.start, bytes(row.content))


def ended_with_files(organization_id: str, limit: int) -> Sequence[Job]:
    """Ended exports and imports that have parts of a file, newest first."""
    has_part = select(JobFile.job_id).where(JobFile.job_id == Job.id).exists()
    has_file = Job.kind.in_([*EXPORTS, IMPORT])
    own = (Job.organization_id == organization_id, has_file, Job.state.not_in(OPEN))
    statement = select(Job).where(*own, has_part).order_by(Job.id.desc()).limit(limit)
    return db.session.scalars(statement).all()


def has_expired_file(now: int) -> bool:
    statement = select(JobFile.job_id).where(JobFile.expires_at < now).limit(1)
    return db.session.scalar(statement) is not None


def open_count(organization_id: str | None, kinds: Collection[str] = ()) -> int:
    """organization_id None: reports on the whole installation. kinds: only these."""
    statement = select(func.count()).select_from(Job)
    own = statement.where(Job.organization_id == organization_id, Job.state.in_(OPEN))
    if kinds:
        own = own.where(Job.kind.in_(kinds))
    return db.session.scalar(own) or 0


def counts(organization_id: str, job_id: str) -> list[tuple[str, bool, int]]:
    """(state, whether the webhook sends, number) of the deliveries that the job acted on last."""
    numbers = (
        select(Delivery.webhook_id, Delivery.state, func.count().label("number"))
        .where(Delivery.job_id == job_id)
        .group_by(Delivery.webhook_id, Delivery.state)
        .subquery()
        .c
    )
    rows = db.session.execute(
        select(numbers.state, Webhook.is_active, numbers.number).join(
            Webhook,
            (Webhook.id == numbers.webhook_id)
            & (unindexed(Webhook.organization_id) == organization_id),
        )
    )
    return [(row[0], bool(row[1]), row[2]) for row in rows]


def has_ended_before(moment: int) -> bool:
    """moment: in milliseconds since the epoch."""
    return db.session.scalar(select(Job.id).where(Job.ended_at < moment).limit(1)) is not None


def runnable(now: Moment, longest_lease: int) -> Select[str]:
    """Jobs that are queued, or whose worker has not been heard of. A lease that ends later than
    any could was given by a clock that was set back."""
    is_free = (Job.lease_until <= now) | (Job.lease_until > now + longest_lease)
    return select(Job.id).where(IS_OPEN, is_free)
