"""Section 0 of the contract, form callback: what a client of the transcoder finds here."""

from typing import Any

import pytest
from werkzeug.test import TestResponse

from app.domain.common.ids import is_id
from tests.compat.caller import NOBODY, URL, Caller, rate_limited, refusals

ALL = "/webhooks.json"


def one(webhook_id: str) -> str:
    return f"/webhooks/{webhook_id}.json"


def made(call: Caller, **given: Any) -> Any:
    answer = call("POST", ALL, {"webhook": {"url": URL, **given}})
    assert answer.status_code == 201, answer.text
    return answer.json


def test_the_four_fields_are_stored_and_shown(call: Caller) -> None:
    given = {"url": URL, "api_key": "k&=1", "method": "PUT", "is_active": False}
    found = made(call, **given)
    assert {name: found[name] for name in given} == given
    assert is_id(found["id"])
    assert call("GET", one(found["id"])).json == found


def test_201_has_a_location_that_answers(call: Caller) -> None:
    answer = call("POST", ALL, {"webhook": {"url": URL}})
    assert answer.status_code == 201
    assert answer.headers["Location"] == f"http://localhost/webhooks/{answer.json['id']}.json"
    path = answer.headers["Location"].removeprefix("http://localhost")
    assert call("GET", path).json == answer.json


def test_what_is_not_given_is_null_or_its_default(call: Caller) -> None:
    found = made(call)
    assert (found["api_key"], found["method"], found["is_active"]) == (None, "POST", True)


@pytest.mark.parametrize("method", ["post", "put", "delete", "get", "purge"])
def test_the_method_is_any_http_token_upper_cased(call: Caller, method: str) -> None:
    assert made(call, method=method)["method"] == method.upper()


def test_a_form_gives_the_fields_as_rails_names_them(call: Caller) -> None:
    form = {"webhook[url]": URL, "webhook[api_key]": "ü", "webhook[is_active]": "0"}
    answer = call("POST", ALL, data=form)
    assert answer.status_code == 201
    assert (answer.json["api_key"], answer.json["is_active"]) == ("ü", False)


def test_a_ticked_check_box_comes_after_its_hidden_field(call: Caller) -> None:
    form = {"webhook[url]": URL, "webhook[is_active]": ["0", "1"]}
    assert call("POST", ALL, data=form).json["is_active"] is True


def test_fields_at_the_top_are_taken_as_rails_wraps_them(call: Caller) -> None:
    answer = call("POST", ALL, {"url": URL, "method": "put"})
    assert (answer.status_code, answer.json["method"]) == (201, "PUT")


def test_unknown_fields_are_ignored(call: Caller) -> None:
    assert set(made(call, colour="red", event_types=[])) == {
        "id", "url", "api_key", "method", "is_active", "created_at", "updated_at",
    }  # fmt: skip


def test_the_list_is_a_bare_array_of_twenty_newest_first(call: Caller) -> None:
    ids = [made(call)["id"] for _ in range(22)][::-1]

    def listed(query: str) -> list[str]:
        return [row["id"] for row in call("GET", ALL + query).json]

    assert listed("") == ids[:20]
    assert listed("?page=2") == ids[20:]
    assert listed("?page=3&per=5") == ids[10:15]
    assert listed("?page=9") == []
    assert listed("?page=none&per=-1") == ids[:20]


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_an_update_changes_what_is_given_and_answers_200(call: Caller, method: str) -> None:
    before = made(call, api_key="k", method="put")
    answer = call(method, one(before["id"]), {"webhook": {"is_active": False}})
    assert answer.status_code == 200
    assert answer.json == before | {"is_active": False, "updated_at": answer.json["updated_at"]}


def test_an_api_key_is_taken_away_by_null(call: Caller) -> None:
    path = one(made(call, api_key="k")["id"])
    assert call("PATCH", path, {"webhook": {"api_key": None}}).json["api_key"] is None


def test_a_delete_answers_204_without_a_body(call: Caller) -> None:
    path = one(made(call)["id"])
    answer = call("DELETE", path)
    assert (answer.status_code, answer.data, answer.content_type) == (204, b"", None)
    assert call("GET", path).status_code == 404


def test_a_webhook_gets_the_preset_of_this_dialect(call: Caller, native: Caller) -> None:
    found = native("GET", f"/webhooks/{made(call)['id']}").json
    assert (found["preset"], found["body_format"]) == ("form_callback", "form_callback")
    assert found["event_types"] is None
    assert found["retry_policy"]["max_attempts"] == 10


def test_what_this_dialect_cannot_express_stays_as_it_is(call: Caller, native: Caller) -> None:
    given = {
        "url": URL,
        "name": "Mine",
        "preset": "encoding",
        "event_types": ["file.received"],
        "headers": {"X-A": "b"},
        "secret_token": "t",
        "filter": "payload.a",
    }
    before = native("POST", "/webhooks", given).json
    call("PUT", one(before["id"]), {"webhook": {"method": "put", "api_key": "new"}})
    after = native("GET", f"/webhooks/{before['id']}").json
    changed = {name for name in after if after[name] != before[name]}
    assert changed == {"method", "api_key", "has_api_key", "updated_at"}


def test_a_webhook_of_any_surface_is_listed(call: Caller, native: Caller) -> None:
    found = native("POST", "/webhooks", {"url": URL}).json
    assert [row["id"] for row in call("GET", ALL).json] == [found["id"]]


@pytest.mark.parametrize(
    ("given", "field"),
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
def test_wrong_fields_are_422_with_messages_by_field(call: Caller, given: Any, field: str) -> None:
    answer = call("POST", ALL, {"webhook": {"colour": 1, **given}})
    assert answer.status_code == 422
    assert list(answer.json) == [field]
    assert all(isinstance(message, str) for message in answer.json[field])


def test_a_missing_url_cannot_be_blank(call: Caller) -> None:
    answer = call("POST", ALL, {"webhook": {"method": "put"}})
    assert answer.json == {"url": ["can't be blank"]}


@pytest.mark.parametrize("body", [{}, {"webhook": {}}, {"webhook": 5}, {"colour": "red"}])
def test_no_webhook_at_all_is_400_with_an_error(call: Caller, body: Any) -> None:
    answer = call("POST", ALL, body)
    assert answer.status_code == 400
    assert answer.json == {"error": "param is missing or the value is empty: webhook"}


def _is_error(answer: TestResponse) -> bool:
    return answer.content_type == "application/json" and list(answer.json) == ["error"]


def test_every_refusal_has_an_error(call: Caller) -> None:
    path = one(made(call)["id"])
    for what, status, answer in refusals(call, ALL, path, f"{ALL}/a"):
        assert answer.status_code == status, what
        assert _is_error(answer), f"{what}: {answer.text}"


@pytest.mark.parametrize("webhook_id", [NOBODY, "1", "new", "%00", "a/b", "%ff"])
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_an_unknown_webhook_is_404_with_an_error(
    call: Caller, webhook_id: str, method: str
) -> None:
    answer = call(method, one(webhook_id), {"webhook": {"url": URL}})
    assert (answer.status_code, answer.json) == (404, {"error": "Not Found"})


def test_a_webhook_of_another_organization_is_not_there(call: Caller, stranger: Caller) -> None:
    path = one(made(stranger)["id"])
    assert call("GET", path).status_code == 404
    assert call("PUT", path, {"webhook": {"url": URL}}).status_code == 404
    assert call("DELETE", path).status_code == 404
    assert call("GET", ALL).json == []


def test_a_key_without_the_scope_is_refused_with_an_error(reader: Caller) -> None:
    answer = reader("GET", ALL)
    assert answer.status_code == 403
    assert _is_error(answer)


def test_one_request_too_many_is_429_with_retry_after(call: Caller) -> None:
    answer = rate_limited(call, ALL)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "1")
    assert _is_error(answer)


def test_what_is_below_the_list_is_404_with_an_error(call: Caller) -> None:
    for path in (f"{ALL}/1", f"{ALL}/a/b"):
        assert call("GET", path).status_code == 404
        assert _is_error(call("GET", path))
