"""The form callback dialect, section 0 of the contract."""

from typing import Any

import pytest
from werkzeug.test import TestResponse

from app.domain.common.ids import is_id
from tests.compat.caller import UNKNOWN_ID, URL, Caller, every_error, rate_limited

COLLECTION = "/webhooks.json"


def item(webhook_id: str) -> str:
    return f"/webhooks/{webhook_id}.json"


def create_webhook(call: Caller, **fields: Any) -> Any:
    response = call("POST", COLLECTION, {"webhook": {"url": URL, **fields}})
    assert response.status_code == 201, response.text
    return response.json


def test_the_four_fields_are_stored_and_shown(call: Caller) -> None:
    fields = {"url": URL, "api_key": "k&=1", "method": "PUT", "is_active": False}
    webhook = create_webhook(call, **fields)
    assert {name: webhook[name] for name in fields} == fields
    assert is_id(webhook["id"])
    assert call("GET", item(webhook["id"])).json == webhook


def test_201_has_a_location_that_works(call: Caller) -> None:
    response = call("POST", COLLECTION, {"webhook": {"url": URL}})
    assert response.status_code == 201
    assert response.headers["Location"] == f"http://localhost/webhooks/{response.json['id']}.json"
    path = response.headers["Location"].removeprefix("http://localhost")
    assert call("GET", path).json == response.json


def test_missing_fields_are_null_or_their_default(call: Caller) -> None:
    webhook = create_webhook(call)
    assert (webhook["api_key"], webhook["method"], webhook["is_active"]) == (None, "POST", True)


@pytest.mark.parametrize("method", ["post", "put", "delete", "get", "Purge"])
def test_the_method_may_be_any_http_token_and_is_shown_as_it_was_stored(
    call: Caller, method: str
) -> None:
    webhook = create_webhook(call, method=method)
    assert (webhook["method"], call("GET", item(webhook["id"])).json) == (method, webhook)


@pytest.mark.parametrize("method", ["connect", "TRACE", "Pri"])
def test_methods_that_are_no_callbacks_are_refused(call: Caller, method: str) -> None:
    response = call("POST", COLLECTION, {"webhook": {"url": URL, "method": method}})
    assert (response.status_code, list(response.json)) == (422, ["method"])


def test_a_form_names_the_fields_as_rails_does(call: Caller) -> None:
    form = {"webhook[url]": URL, "webhook[api_key]": "ü", "webhook[is_active]": "0"}
    response = call("POST", COLLECTION, data=form)
    assert response.status_code == 201
    assert (response.json["api_key"], response.json["is_active"]) == ("ü", False)


def test_a_ticked_check_box_comes_after_its_hidden_field(call: Caller) -> None:
    form = {"webhook[url]": URL, "webhook[is_active]": ["0", "1"]}
    assert call("POST", COLLECTION, data=form).json["is_active"] is True


def test_top_level_fields_are_accepted_as_rails_wraps_them(call: Caller) -> None:
    response = call("POST", COLLECTION, {"url": URL, "method": "put"})
    assert (response.status_code, response.json["method"]) == (201, "put")


def test_unknown_fields_are_ignored(call: Caller) -> None:
    assert set(create_webhook(call, colour="red", event_types=[])) == {
        "id", "url", "api_key", "method", "is_active", "created_at", "updated_at",
    }  # fmt: skip


def test_the_list_is_a_bare_array_of_twenty_newest_first(call: Caller) -> None:
    ids = [create_webhook(call)["id"] for _ in range(22)][::-1]

    def listed(query: str) -> list[str]:
        return [row["id"] for row in call("GET", COLLECTION + query).json]

    assert listed("") == ids[:20]
    assert listed("?page=2") == ids[20:]
    assert listed("?page=3&per=5") == ids[10:15]
    assert listed("?page=9") == []
    assert listed("?page=none&per=-1") == ids[:20]


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_an_update_changes_only_the_fields_in_the_request_and_returns_200(
    call: Caller, method: str
) -> None:
    before = create_webhook(call, api_key="k", method="put")
    response = call(method, item(before["id"]), {"webhook": {"is_active": False}})
    assert response.status_code == 200
    assert response.json == before | {"is_active": False, "updated_at": response.json["updated_at"]}


def test_null_removes_the_api_key(call: Caller) -> None:
    path = item(create_webhook(call, api_key="k")["id"])
    assert call("PATCH", path, {"webhook": {"api_key": None}}).json["api_key"] is None


def test_delete_is_204_without_a_body(call: Caller) -> None:
    path = item(create_webhook(call)["id"])
    response = call("DELETE", path)
    assert (response.status_code, response.data, response.content_type) == (204, b"", None)
    assert call("GET", path).status_code == 404


def test_a_webhook_gets_the_preset_of_this_dialect(call: Caller, native: Caller) -> None:
    webhook = native("GET", f"/webhooks/{create_webhook(call)['id']}").json
    assert (webhook["preset"], webhook["body_format"]) == ("form_callback", "form_callback")
    assert webhook["event_types"] is None
    assert webhook["retry_policy"]["max_attempts"] == 10


def test_an_update_keeps_settings_that_the_dialect_does_not_have(
    call: Caller, native: Caller
) -> None:
    fields = {
        "url": URL,
        "name": "Mine",
        "preset": "encoding",
        "event_types": ["file.received"],
        "headers": {"X-A": "b"},
        "secret_token": "t",
        "filter": "payload.a",
    }
    before = native("POST", "/webhooks", fields).json
    call("PUT", item(before["id"]), {"webhook": {"method": "put", "api_key": "new"}})
    after = native("GET", f"/webhooks/{before['id']}").json
    changed = {name for name in after if after[name] != before[name]}
    assert changed == {"method", "api_key", "has_api_key", "updated_at"}


def test_a_webhook_of_any_surface_is_listed(call: Caller, native: Caller) -> None:
    webhook = native("POST", "/webhooks", {"url": URL}).json
    assert [row["id"] for row in call("GET", COLLECTION).json] == [webhook["id"]]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({}, "url"),
        ({"url": ""}, "url"),
        ({"url": "ftp://example.com"}, "url"),
        ({"url": "http://10.0.0.1/"}, "url"),
        ({"url": ["a"]}, "url"),
        ({"url": URL, "method": "a b"}, "method"),
        ({"url": URL, "is_active": "perhaps"}, "is_active"),
        ({"url": URL, "is_active": {}}, "is_active"),
        ({"url": URL, "api_key": {"a": 1}}, "api_key"),
    ],
)
def test_invalid_fields_are_422_with_messages_by_field(
    call: Caller, fields: Any, field: str
) -> None:
    response = call("POST", COLLECTION, {"webhook": {"colour": 1, **fields}})
    assert response.status_code == 422
    assert list(response.json) == [field]
    assert all(isinstance(message, str) for message in response.json[field])


def test_a_missing_url_cannot_be_blank(call: Caller) -> None:
    response = call("POST", COLLECTION, {"webhook": {"method": "put"}})
    assert response.json == {"url": ["can't be blank"]}


@pytest.mark.parametrize("body", [{}, {"webhook": {}}, {"webhook": 5}, {"colour": "red"}])
def test_a_missing_webhook_is_400_with_an_error(call: Caller, body: Any) -> None:
    response = call("POST", COLLECTION, body)
    assert response.status_code == 400
    assert response.json == {"error": "param is missing or the value is empty: webhook"}


def _is_error(response: TestResponse) -> bool:
    return response.content_type == "application/json" and list(response.json) == ["error"]


def test_every_error_has_an_error_field(call: Caller) -> None:
    path = item(create_webhook(call)["id"])
    for fault, status, response in every_error(call, COLLECTION, path, f"{COLLECTION}/a"):
        assert response.status_code == status, fault
        assert _is_error(response), f"{fault}: {response.text}"


@pytest.mark.parametrize("webhook_id", [UNKNOWN_ID, "1", "new", "%00", "a/b", "%ff"])
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_an_unknown_webhook_is_404_with_an_error(
    call: Caller, webhook_id: str, method: str
) -> None:
    response = call(method, item(webhook_id), {"webhook": {"url": URL}})
    assert (response.status_code, response.json) == (404, {"error": "Not Found"})


def test_a_webhook_of_another_organization_is_not_found(call: Caller, stranger: Caller) -> None:
    path = item(create_webhook(stranger)["id"])
    assert call("GET", path).status_code == 404
    assert call("PUT", path, {"webhook": {"url": URL}}).status_code == 404
    assert call("DELETE", path).status_code == 404
    assert call("GET", COLLECTION).json == []


def test_a_key_without_the_scope_is_403_with_an_error(reader: Caller) -> None:
    response = reader("GET", COLLECTION)
    assert response.status_code == 403
    assert _is_error(response)


def test_one_request_too_many_is_429_with_retry_after(call: Caller) -> None:
    response = rate_limited(call, COLLECTION)
    assert (response.status_code, response.headers["Retry-After"]) == (429, "60")
    assert _is_error(response)


def test_paths_below_the_list_are_404_with_an_error(call: Caller) -> None:
    for path in (f"{COLLECTION}/1", f"{COLLECTION}/a/b"):
        assert call("GET", path).status_code == 404
        assert _is_error(call("GET", path))
