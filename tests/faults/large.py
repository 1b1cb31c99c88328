"""One large event for many webhooks: more than a worker can have in flight at once."""

from app.engine.in_flight import MAX_BYTES
from app.services.events import publishing as events
from tests.services.publishing import draft, webhook

SIZE, WEBHOOKS = 1_000_000, 45
# The others are claimed and wait for memory for their payloads.
IN_FLIGHT = MAX_BYTES // SIZE


def publish_large(organization_id: str, url: str) -> None:
    for _ in range(WEBHOOKS):
        # A busy machine takes long to start a worker meanwhile.
        webhook(organization_id, url=url, timeout_seconds=60)
    events.publish(organization_id, draft(payload=b'{"a":"' + b"x" * SIZE + b'"}'))
