"""Tests with a chosen event type, payload and receivers."""

from typing import Any

from sqlalchemy import func, select

from app.models import Delivery, Event
from app.models.common.base import db
from app.runtime.context import MAX_TEST_SENDS_PER_ORGANIZATION, runtime
from app.services.webhooks.test_sends import BUSY
from tests.services.publishing import webhook
from tests.support.servers.receiver import Receiver
from tests.web.visitor import Visitor

TYPED = {"type": "encoding.failed", "payload": '{"media_id":  "7"}', "to": "one"}


def number_of(model: type[Any]) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_the_form_starts_from_the_sample_of_the_chosen_type(
    owner: Visitor, organization: Any
) -> None:
    page = owner.get(f"/webhooks/{webhook(organization.id)}/test?type=encoding.failed").text
    assert "Invalid data found when processing input" in page
    assert 'value="encoding.failed"' in page


def test_an_unreadable_type_in_the_address_is_no_error(owner: Visitor, organization: Any) -> None:
    response = owner.get(f"/webhooks/{webhook(organization.id)}/test?type=a%00b+%22&to=nobody")
    assert response.status_code == 200


def test_the_payload_is_sent_as_typed_and_the_result_shown(
    owner: Visitor, organization: Any, receiver: Receiver
) -> None:
    receiver.respond(418, [], b"short and stout")
    page = f"/webhooks/{webhook(organization.id, url=receiver.url, preset='encoding')}/test"
    shown = owner.post(page, **TYPED).text
    [request] = receiver.wait_for(1)
    assert dict(request.headers)["X-Callboard-Test"] == "true"
    assert b'"media_id":  "7"' in request.body
    assert bytes(db.session.scalars(select(Event.payload)).one()) == TYPED["payload"].encode()
    assert "short and stout" in shown
    assert "{&#34;media_id&#34;:  &#34;7&#34;}" in shown


def test_all_webhooks_that_match_get_the_same_test_event(
    owner: Visitor, organization: Any, receiver: Receiver
) -> None:
    hook = webhook(organization.id, url=receiver.url + "/one", event_types=["encoding.failed"])
    webhook(organization.id, url=receiver.url + "/all")
    webhook(organization.id, url=receiver.url + "/other", event_types=["render.done"])
    webhook(organization.id, url=receiver.url + "/paused", is_active=False)
    webhook(organization.id, url=receiver.url + "/filter", filter="payload.media_id == '8'")
    owner.post(f"/webhooks/{hook}/test", **TYPED | {"to": "matching"})
    paths = {request.path for request in receiver.wait_for(2)}
    assert paths == {"/one", "/all"}
    assert (number_of(Event), number_of(Delivery)) == (1, 2)


def test_a_test_that_nothing_matches_says_so(owner: Visitor, organization: Any) -> None:
    hook = webhook(organization.id, event_types=["render.done"])
    shown = owner.post(f"/webhooks/{hook}/test", **TYPED | {"to": "matching"}).text
    assert "No enabled webhook matches this event." in shown
    assert number_of(Delivery) == 0


def test_an_invalid_test_keeps_its_text_and_sends_nothing(
    owner: Visitor, organization: Any
) -> None:
    page = f"/webhooks/{webhook(organization.id)}/test"
    for wrong in ({"payload": "[1"}, {"type": "no name"}, {"to": "nobody"}, {"source": "x" * 513}):
        response = owner.post(page, **TYPED | wrong)
        assert response.status_code == 422
        assert "Not saved." in response.text
    assert number_of(Delivery) == 0


def test_receivers_that_hang_do_not_hold_all_threads_of_the_pages(
    owner: Visitor, organization: Any
) -> None:
    hook = webhook(organization.id, url="http://127.0.0.1:9/")
    slots = runtime().test_sends
    waiting = [slots.acquire(organization.id) for _ in range(MAX_TEST_SENDS_PER_ORGANIZATION)]
    assert None not in waiting
    refused = owner.post("/webhooks", f"/webhooks/{hook}/test")
    assert (refused.status_code, BUSY in refused.text) == (503, True)
    slots.release(waiting[0])
    assert owner.post("/webhooks", f"/webhooks/{hook}/test").status_code == 200
