"""Resend a webhook's failed deliveries since a time."""

import time
from dataclasses import replace

from app.domain.deliveries.states import FAILED
from app.queries.deliveries.listing import DeliveryFilter
from app.queries.deliveries.walks import ids_above
from app.services.accounts.actor import Actor
from app.services.deliveries.bulk import AT_ONCE, Progress, act_on_set, eligible
from app.services.webhooks.changes import get_webhook


def count_failed(
    organization_id: str, webhook_id: str, since: int, *, seconds: float | None = None
) -> Progress:
    """Count failed deliveries created since a time (milliseconds since the epoch) that can be
    resent. seconds: stop counting after about this long. NotFound."""
    filters = _failed(organization_id, webhook_id, since)
    stop = None if seconds is None else time.monotonic() + seconds
    number, after = 0, None
    while True:
        stretch = ids_above(organization_id, filters, after, AT_ONCE, eligible("resend"))
        number, after = number + len(stretch.rows), stretch.edge
        if after is None or (stop is not None and time.monotonic() >= stop):
            return Progress(number, after)


def recover(
    organization_id: str,
    webhook_id: str,
    since: int,
    actor: Actor,
    *,
    until: int | None = None,
    after: str | None = None,
    seconds: float | None = None,
) -> Progress:
    """Resend them, from the delivery id `after` on; stop after about `seconds`. until: created
    before this time. NotFound."""
    filters = replace(_failed(organization_id, webhook_id, since), until=until)
    return act_on_set(organization_id, filters, actor, "resend", after=after, seconds=seconds)


def _failed(organization_id: str, webhook_id: str, since: int) -> DeliveryFilter:
    row = get_webhook(organization_id, webhook_id)
    return DeliveryFilter(states=(FAILED,), webhook_id=row.id, since=since)
