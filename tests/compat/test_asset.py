"""Section 2 of the contract, asset status: what a client of the video platform finds here."""

import re
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app.compat.asset.routes import NATIVE
from app.domain.common.ids import is_id
from app.services.accounts import api_keys
from app.services.accounts.actor import SYSTEM
from tests.compat.caller import NOBODY, URL, Caller, rate_limited, refusals

NO_SUCH_PATH = "The requested resource was not found on this server."
FIELDS = {"url": "https://sample.beeceptor.com", "secret_token": "abcdef"}


@pytest.fixture
def place(organization: Any) -> str:
    """The list's path."""
    return f"/api/v1/{organization.id}/webhooks/"


def made(call: Caller, place: str, **given: Any) -> Any:
    answer = call("POST", place, FIELDS | given)
    assert answer.status_code == 201, answer.text
    return answer.json


def is_no_such_path(answer: TestResponse) -> bool:
    is_text = answer.content_type == "text/plain; charset=utf-8"
    return answer.status_code == 404 and is_text and answer.text == NO_SUCH_PATH


def test_create_takes_two_fields_and_replies_three(call: Caller, place: str) -> None:
    found = made(call, place)
    assert list(found) == ["url", "secret_token", "id"]
    assert {name: found[name] for name in FIELDS} == FIELDS
    assert is_id(found["id"])


@pytest.mark.parametrize("slash", ["", "/"])
def test_every_path_works_with_and_without_the_slash(call: Caller, place: str, slash: str) -> None:
    collection = place.rstrip("/") + slash
    one = f"{place}{made(call, collection)['id']}{slash}"
    assert call("GET", collection).json["count"] == 1
    assert call("GET", one).status_code == 200
    assert call("PUT", one, FIELDS).status_code == 200
    assert call("DELETE", one).status_code == 204


@pytest.mark.parametrize("word", ["Token", "token", "TOKEN", "Bearer"])
def test_the_word_before_the_token_is_in_any_case(
    call: Caller, place: str, api_key: Any, word: str
) -> None:
    assert call.by(Authorization=f"{word} {api_key.key}")("GET", place).status_code == 200


@pytest.mark.parametrize("header", [{}, {"Authorization": "Token nonsense"}])
def test_without_a_valid_token_it_is_401(call: Caller, place: str, header: dict[str, str]) -> None:
    answer = call.by(**header)("GET", place)
    assert (answer.status_code, answer.json) == (401, {"detail": "Invalid token."})
    assert answer.headers["WWW-Authenticate"].startswith("Token")


@pytest.mark.parametrize(
    ("fields", "answer"),
    [
        ({}, {name: ["This field is required."] for name in FIELDS}),
        ({"url": URL}, {"secret_token": ["This field is required."]}),
        ({"url": None, "secret_token": "a"}, {"url": ["This field may not be null."]}),
        ({"url": URL, "secret_token": ""}, {"secret_token": ["This field may not be blank."]}),
    ],
)
def test_both_fields_are_required_by_post_and_put(
    call: Caller, place: str, fields: dict[str, Any], answer: dict[str, Any]
) -> None:
    one = f"{place}{made(call, place)['id']}/"
    for refused in (call("POST", place, fields), call("PUT", one, fields)):
        assert (refused.status_code, refused.json) == (400, answer)


@pytest.mark.parametrize("url", ["nonsense", "ftp://a.com/", "https://10.0.0.1/", 12, [URL]])
def test_bad_input_is_400_with_messages_by_field(call: Caller, place: str, url: Any) -> None:
    answer = call("POST", place, FIELDS | {"url": url})
    assert answer.status_code == 400
    assert list(answer.json) == ["url"]
    assert all(isinstance(message, str) for message in answer.json["url"])


def test_a_form_is_taken_as_well(call: Caller, place: str) -> None:
    answer = call("POST", place, data=FIELDS)
    assert (answer.status_code, answer.json["secret_token"]) == (201, "abcdef")


def test_the_list_has_count_next_previous_results(call: Caller, place: str) -> None:
    found = made(call, place)
    answer = call("GET", place)
    assert answer.json == {"count": 1, "next": None, "previous": None, "results": [found]}


@pytest.mark.parametrize("start", ["?limit=2", "?page=1&limit=2", "?page=1&page_size=2"])
def test_next_and_previous_are_whole_urls_that_work(call: Caller, place: str, start: str) -> None:
    ids = [made(call, place)["id"] for _ in range(5)]
    pages, link = [], f"http://localhost{place}{start}"
    while link:
        pages.append(call("GET", link.removeprefix("http://localhost")).json)
        link = pages[-1]["next"]
    assert [len(page["results"]) for page in pages] == [2, 2, 1]
    assert [row["id"] for page in pages for row in page["results"]] == ids[::-1]
    assert {page["count"] for page in pages} == {5}
    back = call("GET", pages[2]["previous"].removeprefix("http://localhost")).json
    assert back["results"] == pages[1]["results"]
    assert pages[0]["previous"] is None


def test_an_offset_beyond_the_end_is_empty_and_a_page_is_404(call: Caller, place: str) -> None:
    made(call, place)
    assert call("GET", f"{place}?limit=2&offset=9").json["results"] == []
    for page in ("2", "0", "last"):
        answer = call("GET", f"{place}?page={page}")
        assert (answer.status_code, answer.json) == (404, {"detail": "Invalid page."})
    assert call("GET", f"{place}?limit=all&offset=-1").json["count"] == 1


def test_put_replies_the_webhook(call: Caller, place: str) -> None:
    found = made(call, place)
    wanted = {"url": "https://sample1.beeceptor.com", "secret_token": "ghi"}
    answer = call("PUT", f"{place}{found['id']}/", wanted)
    assert (answer.status_code, answer.json) == (200, wanted | {"id": found["id"]})
    assert call("GET", place).json["results"] == [answer.json]


def test_put_leaves_what_the_dialect_cannot_express(
    call: Caller, native: Caller, place: str
) -> None:
    given = {"url": URL, "preset": "encoding", "sources": ["cam"], "headers": {"X-A": "b"}}
    before = native("POST", "/webhooks", given).json
    assert call("PUT", f"{place}{before['id']}/", FIELDS).status_code == 200
    after = native("GET", f"/webhooks/{before['id']}").json
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {"url", "secret_token", "has_secret_token", "updated_at"}


def test_what_is_made_here_is_an_asset_webhook_everywhere(
    call: Caller, native: Caller, place: str
) -> None:
    found = native("GET", f"/webhooks/{made(call, place)['id']}").json
    assert (found["preset"], found["secret_header"]) == ("asset", "x-streams-token")
    assert (found["event_types"], found["sources"]) == (None, None)
    assert found["signing"] == "v1"


def test_delete_is_204_without_body_or_content_type(call: Caller, place: str) -> None:
    one = f"{place}{made(call, place)['id']}/"
    answer = call("DELETE", one)
    assert (answer.status_code, answer.data) == (204, b"")
    assert "Content-Type" not in answer.headers
    assert call("GET", one).status_code == 404


@pytest.mark.parametrize("webhook", [NOBODY, "7", "%00", "a%20b"])
def test_a_wrong_webhook_is_not_found_as_json(call: Caller, place: str, webhook: str) -> None:
    for method in ("GET", "PUT", "DELETE"):
        answer = call(method, f"{place}{webhook}/", FIELDS if method == "PUT" else None)
        assert (answer.status_code, answer.json) == (404, {"detail": "Not found."})


@pytest.mark.parametrize("named", [NOBODY, "acme", "%20"])
def test_a_wrong_organization_is_not_found_as_text(call: Caller, named: str) -> None:
    assert is_no_such_path(call("GET", f"/api/v1/{named}/webhooks/"))
    assert is_no_such_path(call("PUT", f"/api/v1/{named}/webhooks/{NOBODY}/", FIELDS))


def test_a_key_of_another_organization_learns_nothing(
    call: Caller, stranger: Caller, place: str
) -> None:
    one = f"{place}{made(call, place)['id']}/"
    for method, path in (("GET", place), ("GET", one), ("DELETE", one)):
        assert is_no_such_path(stranger(method, path))
    assert call("GET", one).status_code == 200


def test_a_platform_key_is_good_for_every_organization(call: Caller, place: str) -> None:
    key = api_keys.create(None, "platform", actor=SYSTEM).key
    platform = call.by(Authorization=f"Token {key}")
    assert platform("POST", place, FIELDS).status_code == 201
    assert is_no_such_path(platform("GET", f"/api/v1/{NOBODY}/webhooks/"))


def test_a_key_that_may_not_manage_is_403(reader: Caller, place: str) -> None:
    answer = reader("GET", place)
    assert (answer.status_code, list(answer.json)) == (403, ["detail"])


def test_every_other_refusal_is_in_the_same_shape(call: Caller, place: str) -> None:
    one = f"{place}{made(call, place)['id']}/"
    for what, status, answer in refusals(call, place, one, f"{place}{NOBODY}/more"):
        assert answer.status_code == status, what
        if status == 404:
            assert is_no_such_path(answer), what
        else:
            assert list(answer.json) == ["detail"], what


def test_too_many_requests_are_429(call: Caller, place: str) -> None:
    answer = rate_limited(call, place)
    assert (answer.status_code, list(answer.json)) == (429, ["detail"])
    assert int(answer.headers["Retry-After"]) >= 1


def test_the_native_paths_are_no_organizations(call: Caller, sqlite_app: Flask) -> None:
    rules = {rule.rule for rule in sqlite_app.url_map.iter_rules()}
    words = {match[1] for rule in rules if (match := re.match(r"/api/v1/([a-z][\w.-]*)", rule))}
    assert words <= set(NATIVE)
    for word in NATIVE:
        answer = call("GET", f"/api/v1/{word}/webhooks/{NOBODY}/more")
        assert answer.content_type == "application/problem+json", word
