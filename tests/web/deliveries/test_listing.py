import re
from typing import Any

import pytest

from app.domain.common.clock import now_ms
from app.domain.common.ids import new_id
from app.models import Delivery
from app.models.common.base import db
from app.services.accounts import organizations
from tests.services.publishing import due_rows, webhook
from tests.web.records import delivery
from tests.web.visitor import Visitor


def test_an_empty_list_shows_the_next_step(owner: Visitor) -> None:
    page = owner.get("/deliveries")
    assert "No deliveries yet" in page.text
    assert "Create webhook" in page.text


def test_a_viewer_is_not_offered_forbidden_actions(viewer: Visitor, organization: Any) -> None:
    id_ = delivery(organization.id, webhook(organization.id))
    page = viewer.get(f"/deliveries/{id_}")
    assert "/resend" not in page.text
    assert viewer.post(f"/deliveries/{id_}", f"/deliveries/{id_}/resend").status_code == 403


def test_the_list_shows_state_event_webhook_and_response(owner: Visitor, organization: Any) -> None:
    delivery(organization.id, webhook(organization.id, name="Ingest"))
    page = owner.get("/deliveries").text
    assert all(words in page for words in ("Failed", "encoding.finished", "Ingest", "503"))


def test_no_match_differs_from_no_deliveries(owner: Visitor, organization: Any) -> None:
    delivery(organization.id, webhook(organization.id))
    page = owner.get("/deliveries?state=succeeded").text
    assert "No deliveries match these filters" in page
    assert "No deliveries yet" not in page


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("status=abc", "Enter a status code such as 503"),
        ("webhook_id=7", "Enter an ID such as"),
        ("since=yesterday", "Enter a time such as"),
        ("state=lost", "Unknown state"),
        ("state=failed&state=lost", "Unknown state"),
        ("range=2h", "Unknown time range"),
        ("until=1900-01-01", "Enter a time such as"),
        ("q=" + "x" * 600, "Enter at most 512 characters"),
        ("source=%00", "Enter at most 512 characters"),
    ],
)
def test_an_invalid_filter_shows_its_error_and_no_rows(
    owner: Visitor, organization: Any, query: str, words: str
) -> None:
    delivery(organization.id, webhook(organization.id))
    page = owner.get(f"/deliveries?{query}")
    assert page.status_code == 200
    assert words in page.text
    assert "row-link" not in page.text


def test_several_states_can_be_selected(owner: Visitor, organization: Any) -> None:
    hook = webhook(organization.id)
    for state in ("failed", "skipped", "succeeded"):
        delivery(organization.id, hook, state, ())
    for query in ("state=failed&state=skipped", "state=failed,skipped"):
        page = owner.get(f"/deliveries?{query}").text
        assert page.count("row-link") == 2
        assert re.findall(r'name="state" value="(\w+)" checked', page) == ["failed", "skipped"]


def test_filters_stay_in_the_form_and_in_links(owner: Visitor, organization: Any) -> None:
    delivery(organization.id, webhook(organization.id))
    page = owner.get("/deliveries?status=5xx&range=24h").text
    assert 'value="5xx"' in page
    assert "/deliveries?state=failed&amp;status=5xx&amp;range=24h" in page


def test_older_deliveries_are_on_the_next_page(owner: Visitor, organization: Any) -> None:
    hook = webhook(organization.id)
    for _ in range(51):
        delivery(organization.id, hook, "succeeded", ())
    first = owner.get("/deliveries").text
    assert first.count("row-link") == 50
    older = first.partition('rel="next" href="')[2].partition('"')[0].replace("&amp;", "&")
    assert owner.get(older).text.count("row-link") == 1


def test_an_invalid_cursor_is_rejected(owner: Visitor) -> None:
    assert owner.get("/deliveries?cursor=nonsense").status_code == 422


def test_a_delivery_shows_each_attempt_and_its_failure_reason(
    owner: Visitor, organization: Any
) -> None:
    attempts = [(None, "timeout_wait"), (503, "status"), (503, "status")]
    id_ = delivery(organization.id, webhook(organization.id), "failed", attempts)
    page = owner.get(f"/deliveries/{id_}?attempt=1").text
    assert "Response 503 twice. Failed after 3 attempts." in page
    assert "Response timeout" in page
    assert "Respond first and do the work afterwards" in page
    assert "after 1 min" in page


def test_request_and_response_are_shown_unchanged(owner: Visitor, organization: Any) -> None:
    id_ = delivery(organization.id, webhook(organization.id, body_format="render"))
    page = owner.get(f"/deliveries/{id_}").text
    assert "POST /hook?a=1 HTTP/1.1" in page
    assert "X-Seen" in page
    assert '<span class="json-number">1.10</span>' in page
    assert "curl -i -X POST" in page


def test_a_response_is_shown_as_text_never_as_markup(owner: Visitor, organization: Any) -> None:
    response = b'{"a": "<script>alert(1)</script>"}'
    id_ = delivery(organization.id, webhook(organization.id), reply=response)
    assert "<script>alert" not in owner.get(f"/deliveries/{id_}").text


def test_binary_bytes_are_shown_in_hex(owner: Visitor, organization: Any) -> None:
    id_ = delivery(organization.id, webhook(organization.id), reply=b"\xff\x00\x01")
    assert "ff 00 01" in owner.get(f"/deliveries/{id_}").text


def test_a_form_body_is_shown_as_a_table(owner: Visitor, organization: Any) -> None:
    hook = webhook(organization.id, preset="form_callback", body_format="form_callback")
    id_ = delivery(organization.id, hook, body=b"callback_id=7&callback_value=a%2Cb")
    page = owner.get(f"/deliveries/{id_}").text
    assert "callback_id=7&amp;callback_value=a%2Cb" in page


def test_the_next_attempt_is_counted_down(owner: Visitor, organization: Any) -> None:
    hook = webhook(organization.id)
    id_ = delivery(organization.id, hook, "retrying", next_at=now_ms() + 59_000)
    page = owner.get(f"/deliveries/{id_}").text
    assert "Next attempt at" in page
    assert re.search(r"data-countdown>in [1-5]\d s<", page)


def test_polling_an_unchanged_delivery_returns_204(owner: Visitor, organization: Any) -> None:
    hook = webhook(organization.id)
    id_ = delivery(organization.id, hook, "retrying", next_at=now_ms() + 60_000)
    path = owner.get(f"/deliveries/{id_}").text.partition('hx-get="')[2].partition('"')[0]
    assert owner.get(path, headers={"HX-Request": "true"}).status_code == 204


def test_resending_queues_the_delivery(owner: Visitor, organization: Any) -> None:
    id_ = delivery(organization.id, webhook(organization.id))
    response = owner.post(f"/deliveries/{id_}", f"/deliveries/{id_}/resend")
    assert response.location == f"/deliveries/{id_}"
    assert [row.delivery_id for row in due_rows()] == [id_]


def test_cancelling_ends_the_delivery(owner: Visitor, organization: Any) -> None:
    id_ = delivery(organization.id, webhook(organization.id), "pending", (), next_at=now_ms())
    owner.post(f"/deliveries/{id_}", f"/deliveries/{id_}/cancel")
    assert db.session.get_one(Delivery, id_).state == "cancelled"


def test_an_impossible_action_is_explained_in_a_flash_message(
    owner: Visitor, organization: Any
) -> None:
    id_ = delivery(organization.id, webhook(organization.id), "succeeded", [(200, "ok")])
    response = owner.post(f"/deliveries/{id_}", f"/deliveries/{id_}/cancel")
    assert response.status_code == 303
    assert "flash-error" in owner.get(response.location).text


def test_another_organizations_delivery_is_not_found(owner: Visitor) -> None:
    other = organizations.create("Other")
    id_ = delivery(other.id, webhook(other.id))
    missing = owner.get(f"/deliveries/{new_id()}")
    foreign = owner.get(f"/deliveries/{id_}")
    assert (missing.status_code, foreign.status_code) == (404, 404)
    assert "Not found" in foreign.text


def test_searching_for_an_id_opens_its_page(owner: Visitor, organization: Any) -> None:
    hook = webhook(organization.id)
    id_ = delivery(organization.id, hook)
    assert owner.get(f"/search?q=msg_{id_}").location == f"/deliveries/{id_}"
    assert owner.get(f"/search?q={hook.upper()}").location == f"/webhooks/{hook}"
    assert "No payload contains “nothing-like-it”" in owner.get("/search?q=nothing-like-it").text
