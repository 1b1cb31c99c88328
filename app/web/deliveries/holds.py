"""Deliveries that a resend leaves on hold, because their webhook is paused or disabled."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

from app.models import Webhook
from app.queries import webhooks as webhook_queries
from app.queries.deliveries.listing import DeliveryFilter, DeliveryRow
from app.queries.deliveries.walks import Counted, counted
from app.services.deliveries.bulk import eligible

# Webhooks that are named, and deliveries that are counted of each.
NAMED = 10
AT_MOST = 1_000


@dataclass(frozen=True, slots=True)
class Hold:
    webhook: Webhook
    counted: Counted


def of_matching(organization_id: str, filter_: DeliveryFilter) -> list[Hold]:
    """Of all deliveries that match and can be resent."""
    holds = []
    for webhook in webhook_queries.inactive(organization_id, NAMED, filter_.webhook_id):
        own = replace(filter_, webhook_id=webhook.id)
        # One step, as there may be several webhooks.
        number = counted(organization_id, own, also=eligible("resend"), at_most=AT_MOST, steps=1)
        if number.number:
            holds.append(Hold(webhook, number))
    return holds


def of_rows(organization_id: str, rows: Iterable[DeliveryRow]) -> list[Hold]:
    numbers = Counter(row.delivery.webhook_id for row in rows)
    webhooks = webhook_queries.of_ids(organization_id, list(numbers))
    return [
        Hold(webhook, Counted(numbers[webhook.id], is_all=True))
        for webhook in webhooks
        if not webhook.is_active
    ][:NAMED]
