from typing import Any

import pytest

from app.queries.events import listing as events
from tests.services.publishing import delivery_rows, webhook
from tests.web.records import event
from tests.web.visitor import Visitor


def test_an_empty_list_explains_how_to_post_an_event(owner: Visitor) -> None:
    assert "No events yet" in owner.get("/events").text


def test_a_sample_event_can_be_sent(owner: Visitor, organization: Any) -> None:
    webhook(organization.id)
    page = owner.get("/events/new?type=encoding.finished").text
    assert "media_id" in page
    response = owner.post("/events/new", type="encoding.finished", payload='{"a": 1}')
    assert response.status_code == 303
    assert "Event sent to 1 webhook." in owner.get(response.location).text
    assert len(delivery_rows()) == 1


def test_payload_characters_are_preserved(owner: Visitor, organization: Any) -> None:
    payload = '{"b": 1.10, "a": 9007199254740993}'
    response = owner.post("/events/new", type="a.b", payload=payload)
    event_id = response.location.rpartition("/")[2]
    event = events.get(organization.id, event_id)
    assert event is not None
    assert event.payload == payload.encode()


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
def test_an_invalid_payload_is_rejected_and_kept_in_the_form(
    owner: Visitor, payload: str, field: str
) -> None:
    response = owner.post("/events/new", type="a.b", payload=payload)
    assert response.status_code == 422
    assert f'id="{field}-error"' in response.text


def test_all_errors_are_shown_at_once(owner: Visitor) -> None:
    response = owner.post("/events/new", type="not a name", payload="nothing", source="x" * 600)
    assert all(f'id="{name}-error"' in response.text for name in ("type", "payload", "source"))
    assert "not a name" in response.text


def test_an_event_explains_why_a_webhook_was_not_matched(owner: Visitor, organization: Any) -> None:
    webhook(organization.id, name="Live", event_types=["channel_live"])
    page = owner.get(f"/events/{event(organization.id)}").text
    assert "The webhook accepts only channel_live" in page


def test_an_expired_payload_is_explained(owner: Visitor, organization: Any) -> None:
    page = owner.get(f"/events/{event(organization.id, None)}").text
    assert "The payload has expired" in page


def test_an_event_can_be_duplicated(owner: Visitor, organization: Any) -> None:
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


def test_pages_say_which_pattern_matched(owner: Visitor, organization: Any) -> None:
    webhook(organization.id, event_types=["encoding.*"])
    response = owner.post("/events/new", type="encoding.finished", payload="{}")
    [delivery] = delivery_rows()
    for path in (response.location, f"/deliveries/{delivery.id}"):
        assert "matched by <code>encoding.*</code>" in " ".join(owner.get(path).text.split())
    assert "matched by encoding.*" in owner.get("/event-types/encoding.finished").text
