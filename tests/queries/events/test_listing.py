from typing import Any

import pytest
from sqlalchemy import update

from app.models import Event, Webhook
from app.models.common.base import db
from app.queries.events import listing as events
from app.queries.events.listing import EventFilter
from app.queries.events.unmatched import unmatched
from app.services.accounts import organizations
from app.services.events.publishing import publish, publish_batch
from app.store.transaction import write_transaction
from tests.queries.searches import examine
from tests.services.publishing import draft, webhook


def listed_ids(organization: Any, **wanted: Any) -> list[str]:
    """All pages of two."""
    ids: list[str] = []
    cursor = None
    for _ in range(50):
        page = events.page(organization.id, EventFilter(**wanted), 2, cursor)
        ids += [row.id for row in page.rows]
        cursor = page.next_cursor
        if cursor is None:
            return ids
    raise AssertionError("the pages do not end")


def reasons(organization: Any, event_id: str) -> dict[str, str]:
    """{webhook id: reason}"""
    event = events.get(organization.id, event_id)
    assert event is not None
    return {row.id: refusal.reason for row, refusal in unmatched(organization.id, event)}


def test_pages_are_contiguous_and_newest_first(organization: Any) -> None:
    events = publish_batch(organization.id, [draft() for _ in range(5)])
    assert listed_ids(organization) == [event.id for event in reversed(events)]


@pytest.mark.parametrize(("examined", "seconds"), [(5000, 0), (2, 0), (2, 60)])
def test_each_filter_applies(
    organization: Any, examined: int, seconds: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    examine(monkeypatch, examined, seconds=seconds)
    first = publish(organization.id, draft("a", source="cam", producer_id="job:1")).id
    two = publish(organization.id, draft("b", b'{"title":"Big Buck"}')).id
    rest = [event.id for event in publish_batch(organization.id, [draft("c")] * 4)]
    at = db.session.get_one(Event, two).created_at
    assert listed_ids(organization, type="a") == [first]
    assert listed_ids(organization, source="cam") == [first]
    assert listed_ids(organization, source="mic") == []
    assert listed_ids(organization, q="job:1") == [first]
    assert listed_ids(organization, q=two.upper()) == [two]
    assert listed_ids(organization, q="Big Buck") == [two]
    assert listed_ids(organization, since=at - 1000, until=at + 1000) == [*rest[::-1], two, first]
    assert listed_ids(organization, until=at - 1000) == []


def test_a_source_has_newest_events_and_a_first_one(organization: Any) -> None:
    other = organizations.create("Other")
    publish(other.id, draft("begun", source="cam"))
    ids = [publish(organization.id, draft(name, source="cam")).id for name in ("a", "b", "c")]
    publish(organization.id, draft("d", source="mic"))
    publish(organization.id, draft("e"))
    assert [row.id for row in events.of_source(organization.id, "cam", 2)] == [ids[2], ids[1]]
    first = events.first_of_source(organization.id, "cam")
    assert first is not None
    assert first.id == ids[0]
    assert events.first_of_source(organization.id, "tape") is None


def test_another_organization_sees_nothing(organization: Any) -> None:
    other = organizations.create("Other")
    webhook(organization.id)
    event = publish(organization.id, draft(producer_id="job-1"))
    assert events.get(other.id, event.id) is None
    assert events.deliveries_of(other.id, event.id) == []
    assert events.states_of(other.id, [event.id]) == {}
    assert listed_ids(other) == listed_ids(other, q=event.id) == listed_ids(other, q="job-1") == []


def test_an_event_has_deliveries_and_their_states(organization: Any) -> None:
    webhook(organization.id)
    webhook(organization.id, is_active=False)
    webhook(organization.id)
    event = publish(organization.id, draft())
    rows = events.deliveries_of(organization.id, event.id)
    assert [row.id for row in rows] == [delivery.id for delivery in event.deliveries]
    states = events.states_of(organization.id, [event.id])
    assert states == {event.id: {"pending": 2, "skipped": 1}}


def test_an_event_explains_why_a_webhook_did_not_match(organization: Any) -> None:
    webhook(organization.id)
    webhook(organization.id, is_active=False)
    by_type = webhook(organization.id, event_types=["a"])
    by_source = webhook(organization.id, sources=["cam"])
    by_filter = webhook(organization.id, filter="payload.size > `5`")
    event = publish(organization.id, draft("b"))
    webhook(organization.id, event_types=["later"], created_at=2**45)
    assert reasons(organization, event.id) == {
        by_type: "event_type",
        by_source: "source",
        by_filter: "filter",
    }


def test_a_webhook_that_was_changed_since_is_reported(organization: Any) -> None:
    wanted = webhook(organization.id, event_types=["a"])
    event = publish(organization.id, draft("b"))
    with write_transaction() as session:
        session.execute(update(Webhook).where(Webhook.id == wanted).values(event_types=["b"]))
    db.session.expire_all()
    assert reasons(organization, event.id) == {wanted: "changed"}


def test_a_one_time_webhook_claimed_by_another_event_is_reported(organization: Any) -> None:
    once = webhook(organization.id, once=True)
    publish(organization.id, draft())
    event = publish(organization.id, draft())
    assert reasons(organization, event.id) == {once: "once"}
