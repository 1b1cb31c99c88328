from typing import Any

import pytest

from app.queries.deliveries import ordering as key_lines
from app.queries.deliveries.ordering import OrderingQueue, ordering_queue
from app.services.accounts import organizations
from app.services.accounts.actor import SYSTEM
from app.services.deliveries import actions as deliveries
from app.services.events.publishing import publish_batch
from tests.services.publishing import draft, webhook


def published(organization: Any, *sources: str) -> list[str]:
    events = publish_batch(organization.id, [draft(source=source) for source in sources])
    return [event.deliveries[0].id for event in events]


def test_each_delivery_of_a_key_has_a_position(organization: Any) -> None:
    webhook(organization.id, ordered=True)
    first, other, two, three = published(organization, "a", "b", "a", "a")
    assert ordering_queue(organization.id, first) == OrderingQueue("a", first, 0, 2)
    assert ordering_queue(organization.id, two) == OrderingQueue("a", first, 1, 1)
    assert ordering_queue(organization.id, other) == OrderingQueue("b", other, 0, 0)
    deliveries.cancel(organization.id, first, SYSTEM)
    assert ordering_queue(organization.id, three) == OrderingQueue("a", two, 1, 0)
    assert ordering_queue(organization.id, first) is None


def test_unordered_deliveries_have_no_position(organization: Any) -> None:
    webhook(organization.id)
    [only] = published(organization, "a")
    assert ordering_queue(organization.id, only) is None


def test_a_long_queue_is_counted_up_to_a_limit(
    organization: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(key_lines, "COUNTED", 2)
    webhook(organization.id, ordered=True)
    ids = published(organization, *"aaaa")
    assert ordering_queue(organization.id, ids[0]) == OrderingQueue("a", ids[0], 0, 2)


def test_another_organization_sees_no_position(organization: Any) -> None:
    other = organizations.create("Other")
    webhook(organization.id, ordered=True)
    [mine] = published(organization, "a")
    assert ordering_queue(other.id, mine) is None
