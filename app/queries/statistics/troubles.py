"""The numbers of webhooks that need attention, in a statement for all of them."""

from collections.abc import Mapping, Sequence

from sqlalchemy import and_, case, func, or_, select

from app.domain.deliveries.causes import STATUS
from app.domain.deliveries.states import FAILED, RETRYING
from app.models import Delivery, Due, Webhook
from app.models.common.base import db
from app.models.deliveries import IS_FAILED
from app.models.due import FREE
from app.queries.common.scans import span_of
from app.queries.deliveries.walks import Counted

# The newest failed deliveries of the organization that are examined, in one index.
EXAMINED = 10_000
# The newest deliveries of a webhook that are examined for a status.
NEWEST = 20


def failed_since(organization_id: str, starts: Mapping[str, int]) -> dict[str, Counted]:
    """{webhook id: deliveries that have failed of those created since its start}. starts: {webhook
    id: milliseconds since the epoch}"""
    if not starts:
        return {}
    newest = (
        select(Delivery.id, Delivery.webhook_id)
        .where(
            Delivery.organization_id == organization_id,
            IS_FAILED,
            *span_of(min(starts.values()), None).of(Delivery.id),
        )
        .order_by(Delivery.id.desc())
        .limit(EXAMINED + 1)
        .subquery()
        .c
    )
    each = [
        and_(newest.webhook_id == id_, *span_of(start, None).of(newest.id))
        for id_, start in starts.items()
    ]
    # Rows that do not count are grouped under None, so that the sum says how many were examined.
    counts = case((or_(*each), newest.webhook_id), else_=None).label("counts")
    rows = db.session.execute(select(counts, func.count()).group_by("counts"))
    numbers: dict[str | None, int] = {row[0]: row[1] for row in rows}
    is_all = sum(numbers.values()) <= EXAMINED
    return {id_: Counted(numbers.get(id_, 0), is_all) for id_ in starts}


def next_attempts(organization_id: str, webhook_ids: Sequence[str]) -> dict[str, int]:
    """{webhook id: when its next attempt is due, in milliseconds since the epoch}, without those
    that have none."""
    next_at = (
        select(Due.next_at)
        .where(Due.webhook_id == Webhook.id, FREE)
        .order_by(Due.next_at)
        .limit(1)
        .correlate(Webhook)
        .scalar_subquery()
    )
    own = (Webhook.organization_id == organization_id, Webhook.id.in_(webhook_ids))
    rows = db.session.execute(select(Webhook.id, next_at).where(*own))
    return {row[0]: row[1] for row in rows if row[1] is not None}


def last_statuses(organization_id: str, webhook_ids: Sequence[str]) -> dict[str, int]:
    """{webhook id: the status of the last response that one of its newest deliveries failed with},
    without those of which none did."""
    if not webhook_ids:
        return {}
    columns = (Delivery.id, Delivery.last_status, Delivery.last_cause, Delivery.updated_at)
    newest = select(*columns, Delivery.state).where(Delivery.webhook_id == Webhook.id)
    newest = newest.order_by(Delivery.id.desc()).limit(NEWEST).correlate(Webhook)
    each = newest.subquery().c
    status = select(each.last_status).where(each.last_cause == STATUS)
    # A person changed others after their last attempt, which may be any time ago.
    by_attempt = each.state.in_((FAILED, RETRYING))
    status = status.order_by(by_attempt.desc(), each.updated_at.desc(), each.id.desc()).limit(1)
    own = (Webhook.organization_id == organization_id, Webhook.id.in_(webhook_ids))
    rows = db.session.execute(select(Webhook.id, status.scalar_subquery()).where(*own))
    return {row[0]: row[1] for row in rows if row[1] is not None}
