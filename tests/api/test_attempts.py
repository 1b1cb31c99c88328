from typing import Any

import pytest

from app.domain.common.clock import iso
from app.domain.common.ids import ms_of
from app.queries.common.turns import Turn
from app.queries.deliveries import attempt_batches, attempt_turns
from app.queries.deliveries.attempt_filters import AttemptFilter
from tests.api.conftest import Caller, problem
from tests.api.test_deliveries import UNKNOWN
from tests.web.records import delivery as record

HOOK = "https://example.com/hook"


@pytest.fixture
def webhook(api: Caller) -> Any:
    return api.post("/webhooks", {"url": HOOK, "name": "Main"})


@pytest.fixture
def other_webhook(api: Caller) -> Any:
    return api.post("/webhooks", {"url": f"{HOOK}/other"})


def listed(api: Caller, **query: Any) -> list[tuple[str, int]]:
    response = api("GET", "/attempts", query_string=query)
    assert response.status_code == 200, response.text
    return [(row["delivery_id"], row["number"]) for row in response.json["data"]]


def test_attempts_of_all_webhooks_are_listed_newest_delivery_first(
    api: Caller, organization: Any, webhook: Any, other_webhook: Any
):
    first = record(organization.id, webhook["id"], attempts=[(503, "status"), (None, "refused")])
    second = record(organization.id, other_webhook["id"], "succeeded", [(200, "ok")])
    response = api("GET", "/attempts").json
    keys = [(row["delivery_id"], row["number"]) for row in response["data"]]
    assert keys == [(second, 1), (first, 2), (first, 1)]
    assert response["next_cursor"] is response["searched_to"] is None
    newest = response["data"][0]
    assert (newest["webhook_id"], newest["event_type"]) == (
        other_webhook["id"],
        "encoding.finished",
    )
    assert (newest["status"], newest["cause"], newest["is_test"]) == (200, "ok", False)
    assert "request" not in newest


def test_each_filter_selects(api: Caller, organization: Any, webhook: Any, other_webhook: Any):
    first = record(organization.id, webhook["id"], attempts=[(503, "status"), (None, "refused")])
    second = record(organization.id, other_webhook["id"], "succeeded", [(200, "ok")])
    event_id = api("GET", f"/deliveries/{second}").json["event_id"]
    assert listed(api, webhook_id=other_webhook["id"]) == [(second, 1)]
    assert listed(api, event_id=event_id) == [(second, 1)]
    assert listed(api, delivery_id=first) == [(first, 2), (first, 1)]
    assert listed(api, outcome="succeeded") == [(second, 1)]
    assert listed(api, outcome="failed") == [(first, 2), (first, 1)]
    assert listed(api, status_code="503") == listed(api, status_code="5xx") == [(first, 1)]
    assert listed(api, cause="refused") == [(first, 2)]
    assert listed(api, event_type="encoding.finished", source="media/1", outcome="succeeded")
    assert listed(api, event_type="a.b") == listed(api, source="x") == []
    assert listed(api, since="2999-01-01T00:00:00Z") == []
    assert listed(api, until="2999-01-01T00:00:00Z", limit=1) == [(second, 1)]


def test_pages_continue_within_a_delivery(api: Caller, organization: Any, webhook: Any):
    first = record(organization.id, webhook["id"], attempts=[(503, "status")] * 3)
    second = record(organization.id, webhook["id"], attempts=[(503, "status")] * 2)
    keys, cursor = [], None
    while True:
        query = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = api("GET", "/attempts", query_string=query).json
        keys += [(row["delivery_id"], row["number"]) for row in page["data"]]
        cursor = page["next_cursor"]
        assert (cursor is None) is (page["searched_to"] is None)
        if cursor is None:
            break
    assert keys == [(second, 2), (second, 1), (first, 3), (first, 2), (first, 1)]


def test_a_bounded_search_says_how_far_it_came(
    api: Caller, organization: Any, webhook: Any, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(attempt_turns, "EXAMINED", 3)
    oldest = record(organization.id, webhook["id"], attempts=[(None, "refused")])
    for _ in range(3):
        record(organization.id, webhook["id"])
    page = api("GET", "/attempts?cause=refused").json
    assert page["data"] == []
    assert page["searched_to"] is not None
    page = api("GET", f"/attempts?cause=refused&cursor={page['next_cursor']}").json
    assert [row["delivery_id"] for row in page["data"]] == [oldest]


def test_a_search_ends_after_a_bounded_number_of_attempts_and_goes_on(
    api: Caller, organization: Any, webhook: Any, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(attempt_batches, "EXAMINED_ATTEMPTS", 4)
    oldest = record(organization.id, webhook["id"], attempts=[(None, "refused")])
    for _ in range(2):
        record(organization.id, webhook["id"], attempts=[(503, "status")] * 4)
    pages, cursor = [], ""
    while cursor is not None and len(pages) < 9:
        page = api("GET", f"/attempts?cause=refused{cursor and '&cursor='}{cursor}").json
        pages.append([row["delivery_id"] for row in page["data"]])
        cursor = page["next_cursor"]
    assert pages == [[], [], [oldest]]


@pytest.mark.parametrize("backwards", [False, True])
def test_pages_in_both_directions_examine_a_bounded_number_of_attempts(
    organization: Any, webhook: Any, monkeypatch: pytest.MonkeyPatch, backwards: bool
):
    monkeypatch.setattr(attempt_batches, "EXAMINED_ATTEMPTS", 4)
    ids = [record(organization.id, webhook["id"], attempts=[(503, "status")] * 4) for _ in "ab"]
    first, last = ids if backwards else ids[::-1]
    rows = attempt_turns.page(organization.id, AttemptFilter(), Turn(None, backwards), 50).rows
    assert {row.delivery.id for row in rows} == {first}
    past = f"{first}.{10**9 - 1 if backwards else 0}"
    assert attempt_turns.decode_cursor(attempt_turns.encode_cursor(past)) == past
    rows = attempt_turns.page(organization.id, AttemptFilter(), Turn(past, backwards), 50).rows
    assert {row.delivery.id for row in rows} == {last}


@pytest.mark.parametrize(
    "query",
    ["cursor=x", "cursor=MTp4", "status_code=6", "outcome=maybe", "cause=x", "webhook_id=1", "x=1"],
)
def test_a_wrong_parameter_is_refused(api: Caller, query: str):
    problem(api("GET", f"/attempts?{query}"), 422, "invalid")


def test_an_attempt_is_shown_with_request_and_response(
    api: Caller, organization: Any, webhook: Any
):
    id_ = record(organization.id, webhook["id"], attempts=[(503, "status"), (200, "ok")])
    attempt = api("GET", f"/deliveries/{id_}/attempts/2").json
    assert attempt == api("GET", f"/deliveries/{id_}").json["attempts"][1]
    assert attempt["response"]["status_line"] == "HTTP/1.1 200 Status"
    assert attempt["request"]["body"] is not None


@pytest.mark.parametrize("number", ["0", "2", "x", "-1", "9999999999999", "\u0661"])
def test_an_attempt_that_does_not_exist_is_a_404(
    api: Caller, organization: Any, webhook: Any, number: str
):
    id_ = record(organization.id, webhook["id"])
    problem(api("GET", f"/deliveries/{id_}/attempts/{number}"), 404, "not_found")
    problem(api("GET", f"/deliveries/{UNKNOWN}/attempts/1"), 404, "not_found")


def test_another_organization_sees_no_attempts(
    api: Caller, stranger: Caller, organization: Any, webhook: Any
):
    id_ = record(organization.id, webhook["id"])
    assert listed(stranger) == listed(stranger, webhook_id=webhook["id"]) == []
    assert listed(stranger, delivery_id=id_) == []
    problem(stranger("GET", f"/deliveries/{id_}/attempts/1"), 404, "not_found")


@pytest.mark.parametrize("path", ["/deliveries", "/events"])
def test_other_lists_say_how_far_a_page_came_too(
    api: Caller, organization: Any, webhook: Any, path: str
):
    for _ in range(2):
        record(organization.id, webhook["id"])
    assert api("GET", path).json["searched_to"] is None
    page = api("GET", f"{path}?limit=1").json
    assert page["searched_to"] == iso(ms_of(page["data"][0]["id"]))
