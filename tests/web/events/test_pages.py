from typing import Any

import pytest

from app.queries.events import listing as events
from tests.services.publishing import delivery_rows, webhook
from tests.web.records import event
from tests.web.visitor import Visitor


def test_an_empty_list_says_how_to_post_one(owner: Visitor) -> None:
    assert "No events yet" in owner.get("/events").text


def test_a_sample_is_offered_and_can_be_sent(owner: Visitor, organization: Any) -> None:
    webhook(organization.id)
    page = owner.get("/events/new?type=encoding.finished").text
    assert "media_id" in page
    answer = owner.post("/events/new", type="encoding.finished", payload='{"a": 1}')
    assert answer.status_code == 303
    assert "Its deliveries are below" in owner.get(answer.location).text
    assert len(delivery_rows()) == 1


def test_the_characters_of_the_payload_are_kept(owner: Visitor, organization: Any) -> None:
    payload = '{"b": 1.10, "a": 9007199254740993}'
    answer = owner.post("/events/new", type="a.b", payload=payload)
    event_id = answer.location.rpartition("/")[2]
    found = events.get(organization.id, event_id)
    assert found is not None
    assert found.payload == payload.encode()


@pytest.mark.parametrize(
    ("payload", "field"),
    [
        ("", "payload"),
        ("[]", "payload"),
        ('{"a": NaN}', "payload"),
        ('{"a": 1}}, {"b": 2', "payload"),
        ("[" * 5000, "payload"),
        ('{"a": "\\ud800"}', "payload"),
    ],
)
def test_a_payload_that_is_none_is_refused_and_kept(
    owner: Visitor, payload: str, field: str
) -> None:
    answer = owner.post("/events/new", type="a.b", payload=payload)
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text


def test_all_that_is_wrong_is_said_at_once(owner: Visitor) -> None:
    answer = owner.post("/events/new", type="not a name", payload="nothing", source="x" * 600)
    assert all(f'id="{name}-error"' in answer.text for name in ("type", "payload", "source"))
    assert "not a name" in answer.text


def test_an_event_says_why_a_webhook_was_not_chosen(owner: Visitor, organization: Any) -> None:
    webhook(organization.id, name="Live", event_types=["channel_live"])
    page = owner.get(f"/events/{event(organization.id)}").text
    assert "It takes only channel_live" in page


def test_an_expired_payload_is_said_to_be_so(owner: Visitor, organization: Any) -> None:
    page = owner.get(f"/events/{event(organization.id, None)}").text
    assert "It has expired" in page


def test_an_event_can_be_edited_and_sent_as_new(owner: Visitor, organization: Any) -> None:
    page = owner.get(f"/events/new?event={event(organization.id)}").text
    assert "1.10" in page
    assert 'value="encoding.finished"' in page


def test_a_filter_narrows_the_list(owner: Visitor, organization: Any) -> None:
    event(organization.id, type="a.one")
    event(organization.id, type="a.two")
    page = owner.get("/events?type=a.one").text
    assert "a.one" in page
    assert "/events/new" in page
    assert page.count("row-link") == 1
