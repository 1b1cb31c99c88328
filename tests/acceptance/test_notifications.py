"""System events are sent to webhooks, and do not cause each other forever."""

from collections import Counter
from collections.abc import Iterator

import pytest

from tests.acceptance.conftest import Tenant, eventually
from tests.support.servers.receiver import Receiver

pytestmark = [pytest.mark.acceptance, pytest.mark.timeout(400)]

ONCE = {"kind": "fixed", "interval_seconds": 1, "max_attempts": 1}
SYSTEM_EVENTS = ["delivery.failed", "webhook.failing"]


@pytest.fixture
def broken() -> Iterator[Receiver]:
    failing = Receiver()
    failing.respond(500)
    yield failing
    failing.close()


def system_events_of(tenant: Tenant) -> Counter[tuple[str, str]]:
    """The number of system events by type and webhook."""
    events = tenant.call("GET", "/events")["data"]
    return Counter(
        (event["type"], event["source"]) for event in events if event["type"] in SYSTEM_EVENTS
    )


def test_a_failing_webhook_is_reported_to_another_and_not_endlessly(
    tenant: Tenant, receiver: Receiver, broken: Receiver
) -> None:
    failing = tenant.webhook(url=broken.url, event_types=["order.paid"], retry_policy=ONCE)
    failing_listener = tenant.webhook(url=broken.url, event_types=SYSTEM_EVENTS, retry_policy=ONCE)
    tenant.webhook(url=receiver.url, event_types=SYSTEM_EVENTS)
    for number in range(3):
        tenant.publish(f'{{"type": "order.paid", "payload": {{"n": {number}}}}}')
    # Each delivery.failed, webhook.failing of the first, webhook.failing of the second.
    receiver.wait_for(5, 30)
    # Further system events would follow within a second.
    eventually(lambda: not list(tenant.deliveries("pending,sending,retrying")))
    tenant.publish('{"type": "order.paid", "payload": {"n": 3}}')
    receiver.wait_for(6, 30)
    assert system_events_of(tenant) == {
        ("webhook.failing", failing): 1,
        ("delivery.failed", failing): 4,
        ("webhook.failing", failing_listener): 1,
    }
    assert len(receiver.requests) == 6
