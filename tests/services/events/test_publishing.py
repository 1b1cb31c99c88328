import threading
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from app.domain.common.errors import Conflict, Invalid, NotFound
from app.domain.common.ids import new_id
from app.models import Delivery, Event, EventType, Organization, Webhook
from app.models.common.base import db
from app.runtime.metrics.requests import REGISTRY
from app.services.events.publishing import Published, publish, publish_batch
from app.store.transaction import write_transaction
from tests.services.publishing import delivery_rows, draft, due_rows, webhook


def change(webhook_id: str, **values: Any) -> None:
    with write_transaction() as session:
        session.execute(update(Webhook).where(Webhook.id == webhook_id).values(**values))
        session.execute(
            update(Organization).values(webhooks_version=Organization.webhooks_version + 1)
        )


def receivers(published: Published) -> list[str | None]:
    return [delivery.webhook_id for delivery in published.deliveries]


def test_an_event_creates_a_delivery_in_the_due_queue(organization: Any) -> None:
    wanted = webhook(organization.id)
    published = publish(organization.id, draft(payload=b'{"b":1.10, "a":2}', source="cam"))
    event = db.session.get_one(Event, published.id)
    [delivery], [due] = delivery_rows(), due_rows()
    assert (event.payload, event.source) == (b'{"b":1.10, "a":2}', "cam")
    assert (delivery.webhook_id, delivery.state, delivery.source) == (wanted, "pending", "cam")
    assert (due.delivery_id, due.attempt, due.head, due.bytes) == (delivery.id, 1, True, 17)
    assert published.deliveries[0].id == delivery.id


def test_an_event_goes_only_to_matching_webhooks(organization: Any) -> None:
    of_type = webhook(organization.id, event_types=["a", "b"])
    of_source = webhook(organization.id, sources=["cam"])
    of_both = webhook(organization.id, event_types=["a"], sources=["cam"])
    filtered = webhook(organization.id, filter="payload.size > `5`")
    everything = webhook(organization.id)

    def chosen(**fields: Any) -> set[str | None]:
        return set(receivers(publish(organization.id, draft(**fields))))

    assert chosen(type_="a") == {of_type, everything}
    assert chosen(type_="a", source="cam") == {of_type, of_source, of_both, everything}
    assert chosen(type_="c", payload=b'{"size": 6}') == {filtered, everything}


def test_all_event_types_exclude_system_events(organization: Any) -> None:
    webhook(organization.id)
    named = webhook(organization.id, event_types=["render.queued"])
    assert receivers(publish(organization.id, draft("render.queued"))) == [named]


def test_a_change_of_a_webhook_applies_to_the_next_event(organization: Any) -> None:
    wanted = webhook(organization.id, event_types=["a"])
    assert receivers(publish(organization.id, draft("b"))) == []
    change(wanted, event_types=["b"])
    assert receivers(publish(organization.id, draft("b"))) == [wanted]
    change(wanted, deleted_at=1)
    assert receivers(publish(organization.id, draft("b"))) == []


def test_a_paused_webhook_gets_a_skipped_delivery_that_is_not_due(organization: Any) -> None:
    webhook(organization.id, is_active=False)
    [delivery] = publish(organization.id, draft()).deliveries
    assert (delivery.state, due_rows()) == ("skipped", [])


def test_an_unknown_organization_is_not_found(app: Flask) -> None:
    with pytest.raises(NotFound):
        publish(new_id(), draft())


def test_a_new_event_type_is_added_to_the_catalogue_once(organization: Any) -> None:
    for _ in range(3):
        publish(organization.id, draft("brand.new"))
    assert db.session.scalars(select(EventType.name)).all() == ["brand.new"]


def test_a_repeat_gets_the_same_response(organization: Any) -> None:
    webhook(organization.id)
    first = publish(organization.id, draft(producer_id="job-1"))
    second = publish(organization.id, draft(producer_id="job-1"))
    assert (second.id, second.deliveries) == (first.id, first.deliveries)
    assert (first.duplicate, second.duplicate) == (False, True)
    assert len(due_rows()) == 1


@pytest.mark.parametrize("state", ["retrying", "succeeded", "failed", "cancelled"])
def test_a_repeat_gets_the_first_response_whatever_happened_since(
    organization: Any, state: str
) -> None:
    webhook(organization.id)
    webhook(organization.id, is_active=False)
    first = publish(organization.id, draft(producer_id="job-1"))
    assert sorted(delivery.state for delivery in first.deliveries) == ["pending", "skipped"]
    db.session.execute(update(Delivery).where(Delivery.state == "pending").values(state=state))
    db.session.commit()
    assert publish(organization.id, draft(producer_id="job-1")).deliveries == first.deliveries


def test_the_same_key_for_another_event_is_a_conflict(organization: Any) -> None:
    publish(organization.id, draft(producer_id="job-1"))
    with pytest.raises(Conflict):
        publish(organization.id, draft(producer_id="job-1", payload=b'{"a":1}'))


def test_a_key_belongs_to_its_organization(organization: Any) -> None:
    from app.services.accounts import organizations

    other = organizations.create("Other")
    first = publish(organization.id, draft(producer_id="job-1"))
    second = publish(other.id, draft(producer_id="job-1"))
    assert first.id != second.id
    assert not second.duplicate


def test_concurrent_requests_with_one_key_create_one_event(app: Flask, organization: Any) -> None:
    webhook(organization.id)
    responses: list[Published] = []
    start = threading.Barrier(8)

    def work(batch: bool) -> None:
        with app.app_context():
            start.wait()
            same = draft(producer_id="job-1")
            if batch:
                responses.extend(publish_batch(organization.id, [same]))
            else:
                responses.append(publish(organization.id, same))

    threads = [threading.Thread(target=work, args=(n % 2 == 0,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({(event.id, event.deliveries) for event in responses}) == 1
    assert sorted(event.duplicate for event in responses) == [False] + [True] * 7
    assert db.session.scalar(select(func.count()).select_from(Event)) == 1


def test_a_batch_returns_results_in_order(organization: Any) -> None:
    webhook(organization.id, event_types=["b"])
    events = publish_batch(organization.id, [draft("a"), draft("b"), draft("a")])
    assert [event.type for event in events] == ["a", "b", "a"]
    assert [len(event.deliveries) for event in events] == [0, 1, 0]
    assert [event.id for event in events] == sorted(event.id for event in events)


def test_a_batch_of_a_thousand_events_for_many_webhooks_is_stored(organization: Any) -> None:
    for n in range(20):
        webhook(organization.id, ordered=n % 2 == 0)
    events = publish_batch(
        organization.id, [draft(producer_id=f"k{n}", source=f"s{n % 300}") for n in range(1000)]
    )
    assert {len(event.deliveries) for event in events} == {20}
    assert db.session.scalar(select(func.count()).select_from(Delivery)) == 20_000


def test_a_key_used_twice_in_a_batch_creates_one_event(organization: Any) -> None:
    webhook(organization.id)
    first, second = publish_batch(organization.id, [draft(producer_id="k"), draft(producer_id="k")])
    assert (second.id, second.deliveries, second.duplicate) == (first.id, first.deliveries, True)


def test_one_invalid_event_rejects_the_batch_and_is_named(organization: Any) -> None:
    publish(organization.id, draft(producer_id="k", payload=b'{"a":1}'))
    with pytest.raises(Conflict, match=r"events\[1\]"):
        publish_batch(organization.id, [draft(), draft(producer_id="k")])
    with pytest.raises(Invalid) as caught:
        publish_batch(organization.id, [draft(), draft(callback="ftp://example.com/")])
    assert caught.value.errors[0].field == "events[1].callback"
    assert db.session.scalar(select(func.count()).select_from(Event)) == 1


def test_deliveries_of_an_ordered_webhook_have_one_head_for_each_key(organization: Any) -> None:
    wanted = webhook(organization.id, ordered=True)
    publish_batch(organization.id, [draft(source=s) for s in "aab"] + [draft(ordering_key="a")])
    publish(organization.id, draft(source="b"))
    publish(organization.id, draft())
    rows = [(row.ordering_key, row.head) for row in due_rows(wanted)]
    assert rows == [
        ("a", True),
        ("a", False),
        ("b", True),
        ("a", False),
        ("b", False),
        ("", True),
    ]


def test_concurrent_ordered_events_have_one_head(app: Flask, organization: Any) -> None:
    webhook(organization.id, ordered=True)
    start = threading.Barrier(6)

    def work() -> None:
        with app.app_context():
            start.wait()
            publish_batch(organization.id, [draft(source=s) for s in "abcab"])

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    rows = due_rows()
    assert len(rows) == 30
    for key in "abc":
        assert [row.head for row in rows if row.ordering_key == key][:2] == [True, False]
    assert sum(row.head for row in rows) == 3


def test_new_events_are_counted_after_the_commit(organization: Any) -> None:
    webhook(organization.id)
    before = counted()
    publish(organization.id, draft(producer_id="same"))
    publish(organization.id, draft(producer_id="same"))
    publish_batch(organization.id, [draft(), draft()])
    with pytest.raises(NotFound):
        publish(new_id(), draft())
    assert counted() == (before[0] + 3, before[1] + 3)


def counted() -> tuple[float, float]:
    names = ("callboard_events_accepted_total", "callboard_deliveries_made_total")
    events, deliveries = (REGISTRY.get_sample_value(name) or 0.0 for name in names)
    return events, deliveries
