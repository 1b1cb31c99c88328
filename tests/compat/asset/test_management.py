"""Section 2 of the contract, asset status: fault a client of the video platform finds here."""

import re
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app.compat.common.reserved import NATIVE, SVIX
from app.domain.common.ids import is_id
from app.services.accounts import api_keys
from app.services.accounts.actor import SYSTEM
from tests.compat.caller import UNKNOWN_ID, URL, Caller, every_error, rate_limited

NO_SUCH_PATH = "The requested resource was not found on this server."
FIELDS = {"url": "https://sample.beeceptor.com", "secret_token": "abcdef"}


@pytest.fixture
def collection(organization: Any) -> str:
    """The list's path."""
    return f"/api/v1/{organization.id}/webhooks/"


def create_webhook(call: Caller, collection: str, **fields: Any) -> Any:
    response = call("POST", collection, FIELDS | fields)
    assert response.status_code == 201, response.text
    return response.json


def is_no_such_path(response: TestResponse) -> bool:
    is_text = response.content_type == "text/plain; charset=utf-8"
    return response.status_code == 404 and is_text and response.text == NO_SUCH_PATH


def test_create_accepts_two_fields_and_returns_three(call: Caller, collection: str) -> None:
    webhook = create_webhook(call, collection)
    assert list(webhook) == ["url", "secret_token", "id"]
    assert {name: webhook[name] for name in FIELDS} == FIELDS
    assert is_id(webhook["id"])


@pytest.mark.parametrize("slash", ["", "/"])
def test_every_path_works_with_and_without_the_slash(
    call: Caller, collection: str, slash: str
) -> None:
    path = collection.rstrip("/") + slash
    item = f"{collection}{create_webhook(call, path)['id']}{slash}"
    assert call("GET", path).json["count"] == 1
    assert call("GET", item).status_code == 200
    assert call("PUT", item, FIELDS).status_code == 200
    assert call("DELETE", item).status_code == 204


@pytest.mark.parametrize("word", ["Token", "token", "TOKEN", "Bearer"])
def test_the_scheme_before_the_token_is_case_insensitive(
    call: Caller, collection: str, api_key: Any, word: str
) -> None:
    assert call.by(Authorization=f"{word} {api_key.key}")("GET", collection).status_code == 200


@pytest.mark.parametrize("header", [{}, {"Authorization": "Token nonsense"}])
def test_without_a_valid_token_it_is_401(
    call: Caller, collection: str, header: dict[str, str]
) -> None:
    response = call.by(**header)("GET", collection)
    assert (response.status_code, response.json) == (401, {"detail": "Invalid token."})
    assert response.headers["WWW-Authenticate"].startswith("Token")


@pytest.mark.parametrize(
    ("fields", "messages"),
    [
        ({}, {name: ["This field is required."] for name in FIELDS}),
        ({"url": URL}, {"secret_token": ["This field is required."]}),
        ({"url": None, "secret_token": "a"}, {"url": ["This field may not be null."]}),
        ({"url": URL, "secret_token": ""}, {"secret_token": ["This field may not be blank."]}),
    ],
)
def test_both_fields_are_required_by_post_and_put(
    call: Caller, collection: str, fields: dict[str, Any], messages: dict[str, Any]
) -> None:
    item = f"{collection}{create_webhook(call, collection)['id']}/"
    for response in (call("POST", collection, fields), call("PUT", item, fields)):
        assert (response.status_code, response.json) == (400, messages)


def test_all_errors_of_a_body_are_reported_at_once(call: Caller, collection: str) -> None:
    response = call("POST", collection, {"url": "nonsense", "secret_token": ""})
    assert (response.status_code, list(response.json)) == (400, ["url", "secret_token"])
    response = call("POST", collection, {"url": "nonsense", "secret_token": "a\nb"})
    assert (response.status_code, list(response.json)) == (400, ["url", "secret_token"])


def test_a_token_outside_latin_1_is_refused_with_the_reason(call: Caller, collection: str) -> None:
    assert create_webhook(call, collection, secret_token="é")["secret_token"] == "é"
    response = call("POST", collection, FIELDS | {"secret_token": "đ"})
    [message] = response.json["secret_token"]
    assert response.status_code == 400
    assert message.startswith("HTTP headers carry only Latin-1 characters, and the value has 'đ'.")


@pytest.mark.parametrize("url", ["nonsense", "ftp://a.com/", "https://10.0.0.1/", 12, [URL]])
def test_bad_input_is_400_with_messages_by_field(call: Caller, collection: str, url: Any) -> None:
    response = call("POST", collection, FIELDS | {"url": url})
    assert response.status_code == 400
    assert list(response.json) == ["url"]
    assert all(isinstance(message, str) for message in response.json["url"])


def test_a_form_is_accepted_as_well(call: Caller, collection: str) -> None:
    response = call("POST", collection, data=FIELDS)
    assert (response.status_code, response.json["secret_token"]) == (201, "abcdef")


def test_the_list_has_count_next_previous_results(call: Caller, collection: str) -> None:
    webhook = create_webhook(call, collection)
    response = call("GET", collection)
    assert response.json == {"count": 1, "next": None, "previous": None, "results": [webhook]}


@pytest.mark.parametrize("start", ["?limit=2", "?page=1&limit=2", "?page=1&page_size=2"])
def test_next_and_previous_are_whole_urls_that_work(
    call: Caller, collection: str, start: str
) -> None:
    ids = [create_webhook(call, collection)["id"] for _ in range(5)]
    pages, link = [], f"http://localhost{collection}{start}"
    while link:
        pages.append(call("GET", link.removeprefix("http://localhost")).json)
        link = pages[-1]["next"]
    assert [len(page["results"]) for page in pages] == [2, 2, 1]
    assert [row["id"] for page in pages for row in page["results"]] == ids[::-1]
    assert {page["count"] for page in pages} == {5}
    back = call("GET", pages[2]["previous"].removeprefix("http://localhost")).json
    assert back["results"] == pages[1]["results"]
    assert pages[0]["previous"] is None


def test_an_offset_beyond_the_end_is_empty_and_a_page_is_404(call: Caller, collection: str) -> None:
    create_webhook(call, collection)
    assert call("GET", f"{collection}?limit=2&offset=9").json["results"] == []
    for page in ("2", "0", "last"):
        response = call("GET", f"{collection}?page={page}")
        assert (response.status_code, response.json) == (404, {"detail": "Invalid page."})
    assert call("GET", f"{collection}?limit=all&offset=-1").json["count"] == 1


def test_put_returns_the_webhook(call: Caller, collection: str) -> None:
    webhook = create_webhook(call, collection)
    expected = {"url": "https://sample1.beeceptor.com", "secret_token": "ghi"}
    response = call("PUT", f"{collection}{webhook['id']}/", expected)
    assert (response.status_code, response.json) == (200, expected | {"id": webhook["id"]})
    assert call("GET", collection).json["results"] == [response.json]


def test_put_keeps_settings_that_the_dialect_does_not_have(
    call: Caller, native: Caller, collection: str
) -> None:
    fields = {"url": URL, "preset": "encoding", "sources": ["cam"], "headers": {"X-A": "b"}}
    before = native("POST", "/webhooks", fields).json
    assert call("PUT", f"{collection}{before['id']}/", FIELDS).status_code == 200
    after = native("GET", f"/webhooks/{before['id']}").json
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {"url", "secret_token", "has_secret_token", "updated_at"}


def test_a_new_webhook_has_the_asset_preset(call: Caller, native: Caller, collection: str) -> None:
    webhook = native("GET", f"/webhooks/{create_webhook(call, collection)['id']}").json
    assert (webhook["preset"], webhook["secret_header"]) == ("asset", "x-streams-token")
    assert (webhook["event_types"], webhook["sources"]) == (None, None)
    assert webhook["signing"] == "v1"


def test_delete_is_204_without_body_or_content_type(call: Caller, collection: str) -> None:
    item = f"{collection}{create_webhook(call, collection)['id']}/"
    response = call("DELETE", item)
    assert (response.status_code, response.data) == (204, b"")
    assert "Content-Type" not in response.headers
    assert call("GET", item).status_code == 404


@pytest.mark.parametrize("webhook", [UNKNOWN_ID, "7", "%00", "a%20b"])
def test_an_unknown_webhook_is_a_404_as_json(call: Caller, collection: str, webhook: str) -> None:
    for method in ("GET", "PUT", "DELETE"):
        response = call(method, f"{collection}{webhook}/", FIELDS if method == "PUT" else None)
        assert (response.status_code, response.json) == (404, {"detail": "Not found."})


@pytest.mark.parametrize("named", [UNKNOWN_ID, "acme", "%20"])
def test_an_unknown_organization_is_a_404_as_text(call: Caller, named: str) -> None:
    assert is_no_such_path(call("GET", f"/api/v1/{named}/webhooks/"))
    assert is_no_such_path(call("PUT", f"/api/v1/{named}/webhooks/{UNKNOWN_ID}/", FIELDS))


def test_a_key_of_another_organization_learns_nothing(
    call: Caller, stranger: Caller, collection: str
) -> None:
    item = f"{collection}{create_webhook(call, collection)['id']}/"
    for method, path in (("GET", collection), ("GET", item), ("DELETE", item)):
        assert is_no_such_path(stranger(method, path))
    assert call("GET", item).status_code == 200


def test_a_platform_key_works_for_every_organization(call: Caller, collection: str) -> None:
    key = api_keys.create(None, "platform", actor=SYSTEM).key
    platform = call.by(Authorization=f"Token {key}")
    assert platform("POST", collection, FIELDS).status_code == 201
    assert is_no_such_path(platform("GET", f"/api/v1/{UNKNOWN_ID}/webhooks/"))


def test_a_key_without_the_scope_is_403(reader: Caller, collection: str) -> None:
    response = reader("GET", collection)
    assert (response.status_code, list(response.json)) == (403, ["detail"])


def test_every_other_error_has_the_same_shape(call: Caller, collection: str) -> None:
    item = f"{collection}{create_webhook(call, collection)['id']}/"
    for fault, status, response in every_error(
        call, collection, item, f"{collection}{UNKNOWN_ID}/more"
    ):
        assert response.status_code == status, fault
        if status == 404:
            assert is_no_such_path(response), fault
        else:
            assert list(response.json) == ["detail"], fault


def test_too_many_requests_are_429(call: Caller, collection: str) -> None:
    response = rate_limited(call, collection)
    assert (response.status_code, list(response.json)) == (429, ["detail"])
    assert int(response.headers["Retry-After"]) >= 1


def test_native_paths_are_not_mistaken_for_organization_ids(
    call: Caller, sqlite_app: Flask
) -> None:
    rules = {rule.rule for rule in sqlite_app.url_map.iter_rules()}
    words = {match[1] for rule in rules if (match := re.match(r"/api/v1/([a-z][\w.-]*)", rule))}
    assert words <= {*NATIVE, *SVIX}
    for word in NATIVE:
        response = call("GET", f"/api/v1/{word}/webhooks/{UNKNOWN_ID}/more")
        assert response.content_type == "application/problem+json", word
