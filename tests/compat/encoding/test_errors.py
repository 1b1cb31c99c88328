"""Errors of the encoding dialect."""

from typing import Any

import pytest

from tests.compat.caller import UNKNOWN_ID, URL, Caller, every_error, rate_limited
from tests.compat.encoding.test_management import COLLECTION, create_webhook, failed, item


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
def test_invalid_fields_are_400_with_the_originals_message(
    call: Caller, body: Any, message: str
) -> None:
    assert failed(call("POST", COLLECTION, body), 400) == message


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
def test_invalid_parameters_of_the_list_are_400(call: Caller, query: str, message: str) -> None:
    assert failed(call("GET", f"{COLLECTION}?{query}"), 400) == message


@pytest.mark.parametrize(
    "path", ["/api", "/api/", "/api/videos", "/api/webhook", f"{COLLECTION}/a/b"]
)
def test_an_unknown_path_is_a_404_in_the_dialects_shape(call: Caller, path: str) -> None:
    for method in ("GET", "POST", "BREW"):
        assert failed(call(method, path), 404) == f"Nothing is served at {path}."


@pytest.mark.parametrize("path", ["/api/v1", "/api/v1/", "/api/v1/videos"])
def test_unknown_native_paths_get_the_native_404(call: Caller, path: str) -> None:
    response = call("GET", path)
    assert (response.status_code, response.content_type) == (404, "application/problem+json")


def test_an_update_that_leaves_no_event_is_rejected(call: Caller) -> None:
    path = item(create_webhook(call)["id"])
    message = failed(call("PATCH", path, {"encoding_started": False}), 400)
    assert message == "Event must be selected."


@pytest.mark.parametrize("path", ["{}", "check/{}"])
@pytest.mark.parametrize("webhook_id", ["1", "not-an-id", "%00"])
def test_an_invalid_id_is_400(call: Caller, path: str, webhook_id: str) -> None:
    url, method = item(path.format(webhook_id)), "POST" if "check" in path else "GET"
    assert failed(call(method, url), 400) == "Webhook's id is invalid."


def test_an_unknown_webhook_is_404(call: Caller, stranger: Caller) -> None:
    for webhook_id in (UNKNOWN_ID, create_webhook(stranger)["id"]):
        for method in ("GET", "PUT", "PATCH", "DELETE"):
            failed(call(method, item(webhook_id)), 404)
        failed(call("POST", item(f"check/{webhook_id}")), 404)
    assert call("GET", COLLECTION).json["data"] == {"webhooks": [], "total": 0}


def test_every_error_is_a_fail_with_a_message(call: Caller) -> None:
    path = item(create_webhook(call)["id"])
    for fault, status, response in every_error(call, COLLECTION, path, f"{path}/more"):
        message = failed(response, 400 if status == 415 else status)
        assert message, fault
        if status in (400, 415):
            assert message == "Invalid request payload.", fault
            assert response.json["detail"], fault


def test_a_key_without_the_scope_is_403(reader: Caller) -> None:
    failed(reader("GET", COLLECTION), 403)


def test_the_remaining_requests_are_reported_and_one_too_many_is_429(call: Caller) -> None:
    response = call("GET", COLLECTION)
    assert int(response.headers["X-RateLimit-Remaining"]) < int(
        response.headers["X-RateLimit-Limit"]
    )
    response = rate_limited(call, COLLECTION)
    failed(response, 429)
    assert response.headers["Retry-After"] == "60"
