"""The current state of an organization, at constant cost."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import ColumnElement, exists, func, or_, select

from app.domain.deliveries.states import PENDING, RETRYING
from app.domain.webhooks import damage
from app.domain.webhooks.failing import Failing
from app.models import Delivery, Due, Webhook, WebhookState
from app.models.common.base import db
from app.models.deliveries import IS_FAILED
from app.models.due import FREE
from app.queries.common.scans import span_of, unindexed
from app.queries.statistics import failing as failing_queries

# Counting stops here; more is shown as "more than".
COUNTED = 10_000
# Webhooks that need attention.
LISTED = 50

Health = Literal["green", "amber", "red"]


@dataclass(frozen=True, slots=True)
class Trouble:
    """A webhook that needs attention. failing: None if it is disabled."""

    webhook: Webhook
    state: WebhookState
    failing: Failing | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """due: unclaimed deliveries whose time has come; oldest_at: since when (milliseconds since the
    epoch; None without any). capped: there are more than were counted."""

    due: int
    oldest_at: int | None
    capped: bool


@dataclass(frozen=True, slots=True)
class Open:
    """queued: waits for its first attempt; retrying: for another. capped: there are more than were
    counted."""

    queued: int
    retrying: int
    capped: bool


@dataclass(frozen=True, slots=True)
class Failed:
    """causes: (failure reason, deliveries), most frequent first. capped: there are more than were
    counted."""

    causes: list[tuple[str, int]]
    capped: bool

    @property
    def number(self) -> int:
        return sum(number for _, number in self.causes)


def troubled(organization_id: str, damaged: Sequence[str] = ()) -> list[Trouble]:
    """Webhooks that Callboard disabled, then those that are failing; the longest troubled first.
    damaged: ids from `damaged_webhooks`, which are disabled, too, but not in the database."""
    failing = failing_queries.of_organization(organization_id)
    rows = db.session.execute(
        select(Webhook, WebhookState)
        .join(WebhookState, WebhookState.webhook_id == Webhook.id)
        .where(
            *_current_webhooks(organization_id),
            or_(_is_disabled(), Webhook.id.in_([*failing, *damaged[:LISTED]])),
        )
        .order_by(func.coalesce(Webhook.disabled_at, WebhookState.failing_since).nulls_last())
        .limit(LISTED)
    ).all()
    troubles = [Trouble(webhook, state, failing.get(webhook.id)) for webhook, state in rows]
    # Damaged ones are disabled only in memory.
    return sorted(troubles, key=lambda trouble: trouble.webhook.disabled_reason is None)


def damaged_webhooks(organization_id: str) -> list[str]:
    """Ids of enabled webhooks with settings that cannot be read. Reads them all: keep the result
    for a while."""
    columns = (Webhook.__table__.c[name] for name in damage.COLUMNS)
    statement = select(Webhook.id, *columns).where(
        *_current_webhooks(organization_id), Webhook.is_active
    )
    rows = db.session.execute(statement).mappings()
    return [row["id"] for row in rows if damage.damaged(row)]  # type: ignore[arg-type]


def health(
    organization_id: str,
    damaged: Sequence[str] = (),
    known: failing_queries.ByRate | None = None,
) -> Health:
    """red: a webhook was disabled; amber: one is failing; green: neither. known: the failing ones,
    if they were read already."""
    if damaged:
        return "red"
    if db.session.scalar(
        select(exists().where(*_current_webhooks(organization_id), _is_disabled()))
    ):
        return "red"
    return "amber" if failing_queries.has_any(organization_id, known) else "green"


def _current_webhooks(organization_id: str) -> tuple[ColumnElement[bool], ...]:
    return (
        Webhook.organization_id == organization_id,
        Webhook.kind == "webhook",
        Webhook.deleted_at.is_(None),
    )


def _is_disabled() -> ColumnElement[bool]:
    return ~Webhook.is_active & Webhook.disabled_reason.is_not(None)


def waiting(organization_id: str, now: int) -> Waiting:
    """Reads the due queue by webhook, so that other organizations' backlog costs nothing."""
    active = (
        Webhook.organization_id == organization_id,
        Webhook.deleted_at.is_(None),
        Webhook.is_active,
    )
    free = (Due.webhook_id == Webhook.id, FREE, Due.next_at <= now)
    first = select(Due.next_at).where(*free).order_by(Due.next_at).limit(1)
    oldest = select(func.min(first.correlate(Webhook).scalar_subquery())).where(*active)
    rows = select(Due.id).where(*active, *free)
    count = select(func.count()).select_from(rows.limit(COUNTED).subquery())
    due = db.session.scalar(count) or 0
    return Waiting(due, db.session.scalar(oldest) if due else None, due >= COUNTED)


def open_deliveries(organization_id: str) -> Open:
    """Deliveries that are queued and retrying now, as their lists show them."""
    own = (Webhook.organization_id == organization_id, Due.webhook_id == Webhook.id)
    ids = select(Due.delivery_id).where(*own, Due.claimed_by.is_(None)).limit(COUNTED + 1)
    waiting = ids.subquery()
    statement = (
        select(Delivery.state, func.count())
        .join(waiting, waiting.c.delivery_id == Delivery.id)
        .group_by(Delivery.state)
    )
    numbers = {row[0]: row[1] for row in db.session.execute(statement)}
    is_capped = sum(numbers.values()) > COUNTED
    return Open(numbers.get(PENDING, 0), numbers.get(RETRYING, 0), is_capped)


def failed_deliveries(
    organization_id: str, since: int, webhook_id: str | None = None, until: int | None = None
) -> Failed:
    """Deliveries created since then that have failed, by failure reason. since, until (excluded):
    milliseconds.
    Examines the newest COUNTED of the organization, in one index."""
    span = span_of(since, until)
    failed = (Delivery.organization_id == organization_id, IS_FAILED)
    newest = select(Delivery.id).where(*failed, *span.of(Delivery.id)).order_by(Delivery.id.desc())
    # Grouping the rows of a subquery with a limit takes SQLite five times as long.
    edge = db.session.scalar(newest.offset(COUNTED).limit(1))
    own = () if webhook_id is None else (unindexed(Delivery.webhook_id) == webhook_id,)
    statement = select(Delivery.last_cause, func.count()).where(
        *failed, *own, *span.down_to(edge).of(Delivery.id)
    )
    rows = db.session.execute(statement.group_by(Delivery.last_cause))
    causes = [(cause or "", number) for cause, number in rows]
    return Failed(sorted(causes, key=lambda pair: (-pair[1], pair[0])), edge is not None)


def webhook_count(organization_id: str) -> int:
    """Existing webhooks, without callback targets."""
    statement = select(func.count()).select_from(Webhook).where(*_current_webhooks(organization_id))
    return db.session.scalar(statement) or 0
