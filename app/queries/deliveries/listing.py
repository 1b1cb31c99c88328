"""Lists, details and counts of deliveries."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import and_, func, select

from app.domain.common.ids import canonical_id
from app.domain.deliveries import masking
from app.domain.deliveries.states import OPEN, SENDING
from app.domain.event_types.patterns import selector_of
from app.models import Attempt, Delivery, Due, Webhook
from app.models.common.base import db
from app.queries.common.pages import Page, Stretch, decode_cursor, merged, next_cursor, searched
from app.queries.common.scans import Condition, unindexed
from app.queries.deliveries.filters import DeliveryFilter, conditions
from app.queries.deliveries.sources import sources

__all__ = [
    "DeliveryFilter",
    "DeliveryRow",
    "attempts",
    "count",
    "find",
    "get",
    "get_many",
    "page",
    "rows_of",
]


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """A delivery, with data of the due queue and its webhook.

    url: of the one-off callback, else the webhook's current one. sent_to: the URL of the last
    attempt, with secrets masked; None before the first. duration_us: of the last attempt, in
    microseconds; None before the first. state: `sending` while claimed.
    next_attempt_at: milliseconds since the epoch; None: no attempt is scheduled. held: waits
    because its webhook is paused, or because Callboard disabled it: then is_disabled, too. blocked:
    waits for an earlier delivery of its ordering key.
    matched_by: which of the webhook's event types or patterns selects the event now; None if none
    does, or if the webhook gets all.
    """

    delivery: Delivery
    state: str
    next_attempt_at: int | None
    webhook_name: str
    url: str
    held: bool
    is_disabled: bool
    blocked: bool
    sent_to: str | None
    duration_us: int | None
    matched_by: str | None

    @property
    def shown_url(self) -> str:
        """Where it was sent, or where it will be."""
        return self.sent_to or self.url

    @property
    def id(self) -> str:
        return self.delivery.id

    @property
    def webhook_id(self) -> str | None:
        """None for a one-off callback, whose webhook is hidden."""
        return self.delivery.webhook_id if self.delivery.url is None else None


def page(
    organization_id: str,
    filters: DeliveryFilter,
    limit: int = 50,
    cursor: str | None = None,
    *,
    examined: int | None = None,
) -> Page[DeliveryRow]:
    """Newest first. examined: as `pages.searched` takes it. Invalid: a malformed cursor."""
    below = decode_cursor(cursor)
    matching = conditions(organization_id, filters)
    if matching is None:
        return Page([], None)

    def step(start: str | None, most: int, size: int) -> Stretch:
        return merged(sources(matching, examined=size), start, most)

    stretch = searched(step, below, limit, examined=examined)
    return Page(rows_of(stretch.rows), next_cursor(stretch))


def find(organization_id: str, delivery_id: str) -> Delivery | None:
    statement = select(Delivery).where(
        Delivery.id == canonical_id(delivery_id), Delivery.organization_id == organization_id
    )
    return db.session.scalar(statement)


def get(organization_id: str, delivery_id: str) -> DeliveryRow | None:
    delivery = find(organization_id, delivery_id)
    return None if delivery is None else rows_of([delivery])[0]


def attempts(organization_id: str, delivery_id: str) -> list[Attempt]:
    """Oldest first."""
    return list(
        db.session.scalars(
            select(Attempt)
            .where(
                Attempt.delivery_id == canonical_id(delivery_id),
                Attempt.organization_id == organization_id,
            )
            .order_by(Attempt.number)
        )
    )


def count(
    organization_id: str,
    filters: DeliveryFilter,
    at_most: int | None = None,
    *,
    also: Condition | None = None,
) -> int:
    """at_most: stop counting there, because conditions without an index read every row."""
    matching = conditions(organization_id, filters)
    if matching is None:
        return 0
    more = () if also is None else (also,)
    statement = select(Delivery.id).where(*matching.all(), *more)
    if at_most is not None:
        statement = statement.limit(at_most)
    return db.session.scalar(select(func.count()).select_from(statement.subquery())) or 0


def get_many(
    organization_id: str, ids: Iterable[str], *, also: Condition | None = None
) -> list[DeliveryRow]:
    """Existing deliveries, newest first."""
    more = () if also is None else (also,)
    own = unindexed(Delivery.organization_id) == organization_id
    statement = (
        select(Delivery).where(Delivery.id.in_(list(ids)), own, *more).order_by(Delivery.id.desc())
    )
    return rows_of(list(db.session.scalars(statement)))


def rows_of(deliveries: list[Delivery]) -> list[DeliveryRow]:
    """In the same order."""
    due = _due(delivery.id for delivery in deliveries if delivery.state in OPEN)
    webhooks = _webhooks({delivery.webhook_id for delivery in deliveries})
    last = _last_attempts([delivery.id for delivery in deliveries if delivery.attempts])
    return [
        _row(
            delivery,
            due.get(delivery.id),
            webhooks.get(delivery.webhook_id),
            *last.get(delivery.id, (None, None)),
        )
        for delivery in deliveries
    ]


def _row(
    delivery: Delivery,
    due: Due | None,
    webhook: Webhook | None,
    sent_to: str | None,
    duration_us: int | None,
) -> DeliveryRow:
    claimed = due is not None and due.claimed_by is not None
    held = due is not None and not claimed and webhook is not None and not webhook.is_active
    return DeliveryRow(
        delivery,
        state=SENDING if claimed else delivery.state,
        next_attempt_at=None if due is None or claimed else due.next_at,
        webhook_name=webhook.name if webhook else "",
        url=delivery.url or (webhook.url if webhook else ""),
        held=held,
        is_disabled=held and webhook is not None and webhook.disabled_reason is not None,
        blocked=due is not None and not due.head,
        sent_to=None if sent_to is None else masking.of(webhook).url(sent_to),
        duration_us=duration_us,
        matched_by=_matched_by(delivery, webhook),
    )


def _matched_by(delivery: Delivery, webhook: Webhook | None) -> str | None:
    if delivery.is_test or webhook is None or not webhook.event_types:
        return None
    return selector_of(webhook.event_types, delivery.event_type)


def _last_attempts(ids: list[str]) -> dict[str, tuple[str, int]]:
    """{delivery id: URL and duration of its last attempt}, with secrets as they are stored."""
    if not ids:
        return {}
    last = and_(Attempt.delivery_id == Delivery.id, Attempt.number == Delivery.attempts)
    statement = select(Attempt.delivery_id, Attempt.url, Attempt.total_us).join(Delivery, last)
    rows = db.session.execute(statement.where(Delivery.id.in_(ids)))
    return {row[0]: (row[1], row[2]) for row in rows}


def _due(ids: Iterable[str]) -> dict[str, Due]:
    delivery_ids = list(ids)
    if not delivery_ids:
        return {}
    statement = select(Due).where(Due.delivery_id.in_(delivery_ids))
    rows = db.session.scalars(statement)
    return {row.delivery_id: row for row in rows}


def _webhooks(ids: set[str]) -> dict[str, Webhook]:
    if not ids:
        return {}
    statement = select(Webhook).where(Webhook.id.in_(ids))
    rows = db.session.scalars(statement)
    return {row.id: row for row in rows}
