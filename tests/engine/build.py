"""Claims without a database."""

from itertools import count
from typing import Any

from app.domain.deliveries.composing import Composer
from app.engine.claims import Claim
from app.engine.hosts import host_key
from app.engine.webhook_cache import CachedWebhook
from tests.domain.facts import webhook

_numbers = count(1)


def claim(
    webhook_id: str = "w", organization_id: str = "o", size: int = 100, **facts: Any
) -> Claim:
    facts_of_webhook = webhook(id=webhook_id, organization_id=organization_id, **facts)
    number = next(_numbers)
    return Claim(
        due_id=number,
        delivery_id=f"d{number}",
        organization_id=organization_id,
        webhook_id=webhook_id,
        event_id=f"e{number}",
        attempt=1,
        run_start=1,
        ordering_key=None,
        bytes=size,
        worker_id=7,
        webhook=CachedWebhook(
            facts_of_webhook,
            Composer(facts_of_webhook),
            None,
            host=host_key(organization_id, facts_of_webhook.url),
        ),
    )
