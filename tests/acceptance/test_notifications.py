"""What workers notice is told to webhooks, and comes to rest."""

from collections import Counter
from collections.abc import Iterator

import pytest

from tests.acceptance.conftest import Tenant, eventually
from tests.support.receiver import Receiver

pytestmark = [pytest.mark.acceptance, pytest.mark.timeout(400)]

ONCE = {"kind": "fixed", "interval_seconds": 1, "max_attempts": 1}
NEWS = ["delivery.failed", "webhook.failing"]


@pytest.fixture
def broken() -> Iterator[Receiver]:
    running = Receiver()
    running.answer(500)
    yield running
    running.close()


def news_of(tenant: Tenant) -> Counter[tuple[str, str]]:
    """How many events there are of each type about each webhook."""
    found = tenant.call("GET", "/events")["data"]
    return Counter((event["type"], event["source"]) for event in found if event["type"] in NEWS)


def test_a_webhook_that_fails_is_told_to_another_and_to_none_for_ever(
    tenant: Tenant, receiver: Receiver, broken: Receiver
) -> None:
    failing = tenant.webhook(url=broken.url, event_types=["order.paid"], retry_policy=ONCE)
    deaf = tenant.webhook(url=broken.url, event_types=NEWS, retry_policy=ONCE)
    tenant.webhook(url=receiver.url, event_types=NEWS)
    tenant.publish('{"type": "order.paid", "payload": {}}')
    # Of the first its failing and its delivery, of the deaf one that it is failing.
    receiver.wait_for(3, 30)
    # Whatever that would lead to would be told within the second.
    eventually(lambda: not list(tenant.deliveries("pending,sending,retrying")))
    tenant.publish('{"type": "order.paid", "payload": {"n": 2}}')
    receiver.wait_for(4, 30)
    assert news_of(tenant) == {
        ("webhook.failing", failing): 1,
        ("delivery.failed", failing): 2,
        ("webhook.failing", deaf): 1,
    }
    assert len(receiver.requests) == 4
