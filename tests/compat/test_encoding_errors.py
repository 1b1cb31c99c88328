"""What an encoder's client is told when something is wrong."""

from typing import Any

import pytest

from tests.compat.caller import NOBODY, URL, Caller, rate_limited, refusals
from tests.compat.test_encoding import ALL, failed, made, one


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "Invalid URL."),
        ({"url": "string", "file_received": True}, "Invalid URL."),
        ({"url": "http://10.1.2.3/", "file_received": True}, "Invalid URL."),
        ({"url": 5, "file_received": True}, "Invalid URL."),
        ({"url": URL}, "Event must be selected."),
        ({"url": URL, "file_received": False}, "Event must be selected."),
        (
            {"url": URL, "file_received": True, "name": "x" * 101},
            "Name must be less than 100 characters.",
        ),
        ({"url": URL, "file_received": "perhaps"}, "file_received: It is neither true nor false."),
        ({"url": URL, "file_received": 1}, "file_received: It is neither true nor false."),
    ],
)
def test_wrong_fields_are_400_with_the_originals_message(
    call: Caller, body: Any, message: str
) -> None:
    assert failed(call("POST", ALL, body), 400) == message


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("sort_by=colour", "Allowed values: created_at, url, name."),
        ("order_by=up", 'Unknown sorting order. Please use "asc" or "desc".'),
        ("limit=101", "Limit only allowed values 1-100."),
        ("limit=x", "Limit only allowed values 1-100."),
        ("offset=-1", "offset: '-1' is out of range."),
        ("file_received=maybe", "file_received: It is neither true nor false."),
    ],
)
def test_wrong_parameters_of_the_list_are_400(call: Caller, query: str, message: str) -> None:
    assert failed(call("GET", f"{ALL}?{query}"), 400) == message


@pytest.mark.parametrize("path", ["/api", "/api/", "/api/videos", "/api/webhook", f"{ALL}/a/b"])
def test_a_path_at_which_nothing_is_served_is_404(call: Caller, path: str) -> None:
    for method in ("GET", "POST", "BREW"):
        assert failed(call(method, path), 404) == f"Nothing is served at {path}."


@pytest.mark.parametrize("path", ["/api/v1", "/api/v1/", "/api/v1/videos"])
def test_the_native_apis_paths_stay_its_own(call: Caller, path: str) -> None:
    answer = call("GET", path)
    assert (answer.status_code, answer.content_type) == (404, "application/problem+json")


def test_an_update_that_leaves_no_event_is_refused(call: Caller) -> None:
    path = one(made(call)["id"])
    said = failed(call("PATCH", path, {"encoding_started": False}), 400)
    assert said == "Event must be selected."


@pytest.mark.parametrize("path", ["{}", "check/{}"])
@pytest.mark.parametrize("webhook_id", ["1", "not-an-id", "%00"])
def test_an_id_that_is_none_is_400(call: Caller, path: str, webhook_id: str) -> None:
    where, method = one(path.format(webhook_id)), "POST" if "check" in path else "GET"
    assert failed(call(method, where), 400) == "Webhook's id is invalid."


def test_an_unknown_webhook_is_404(call: Caller, stranger: Caller) -> None:
    for webhook_id in (NOBODY, made(stranger)["id"]):
        for method in ("GET", "PUT", "PATCH", "DELETE"):
            failed(call(method, one(webhook_id)), 404)
        failed(call("POST", one(f"check/{webhook_id}")), 404)
    assert call("GET", ALL).json["data"] == {"webhooks": [], "total": 0}


def test_every_refusal_is_a_fail_with_a_message(call: Caller) -> None:
    path = one(made(call)["id"])
    for what, status, answer in refusals(call, ALL, path, f"{path}/more"):
        message = failed(answer, 400 if status == 415 else status)
        assert message, what
        if status in (400, 415):
            assert message == "Invalid request payload.", what
            assert answer.json["detail"], what


def test_a_key_without_the_scope_is_403(reader: Caller) -> None:
    failed(reader("GET", ALL), 403)


def test_what_is_left_of_the_limit_is_told_and_one_too_many_is_429(call: Caller) -> None:
    answer = call("GET", ALL)
    assert int(answer.headers["X-RateLimit-Remaining"]) < int(answer.headers["X-RateLimit-Limit"])
    answer = rate_limited(call, ALL)
    failed(answer, 429)
    assert answer.headers["Retry-After"] == "1"
