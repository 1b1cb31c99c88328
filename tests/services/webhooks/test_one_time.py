import threading
from typing import Any

from flask import Flask

from app.models import Webhook
from app.models.common.base import db
from app.services.events.publishing import Published, publish, publish_batch
from tests.services.publishing import draft, webhook


def once(organization_id: str, **more: Any) -> str:
    return webhook(organization_id, once=True, **more)


def receivers(published: Published) -> list[str | None]:
    return [delivery.webhook_id for delivery in published.deliveries]


def test_the_first_matching_event_claims_a_one_time_webhook(organization: Any) -> None:
    waiting = once(organization.id, event_types=["done"], sources=["job-1"], once_source="job-1")
    assert receivers(publish(organization.id, draft("done", source="job-2"))) == []
    assert receivers(publish(organization.id, draft("begun", source="job-1"))) == []
    taken = publish(organization.id, draft("done", source="job-1"))
    assert receivers(taken) == [waiting]
    assert receivers(publish(organization.id, draft("done", source="job-1"))) == []
    assert db.session.get_one(Webhook, waiting, populate_existing=True).once_event_id == taken.id


def test_the_first_event_of_a_batch_claims_it(organization: Any) -> None:
    waiting = once(organization.id)
    events = publish_batch(organization.id, [draft(), draft()])
    assert [receivers(event) for event in events] == [[waiting], []]


def test_concurrent_events_claim_it_once(app: Flask, organization: Any) -> None:
    waiting = once(organization.id)
    start = threading.Barrier(6)
    claimed_by: list[str | None] = []

    def work() -> None:
        with app.app_context():
            start.wait()
            claimed_by.extend(receivers(publish_batch(organization.id, [draft()])[0]))

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert claimed_by == [waiting]


def test_a_paused_one_time_webhook_is_claimed_and_skipped(organization: Any) -> None:
    waiting = once(organization.id, is_active=False)
    [delivery] = publish(organization.id, draft()).deliveries
    assert (delivery.webhook_id, delivery.state) == (waiting, "skipped")
