"""Errors of the live channel dialect."""

from typing import Any

import pytest

from tests.compat.caller import UNKNOWN_ID, URL, Caller, every_error, rate_limited
from tests.compat.live_channel.test_management import COLLECTION, create_webhook, item


@pytest.mark.parametrize(
    "query", ["page=-1", "page=x", "length=0", "length=101", "length=-5", "length=1.5", "page=9e9"]
)
def test_out_of_range_is_422_and_not_clamped(call: Caller, query: str) -> None:
    response = call("GET", f"{COLLECTION}?{query}")
    assert (response.status_code, response.json["ec"]) == (422, 422)


@pytest.mark.parametrize(
    ("body", "about"),
    [
        ({}, "uri"),
        ({"uri": URL}, "event"),
        ({"uri": URL, "event": ""}, "event"),
        ({"uri": URL, "event": []}, "event"),
        ({"uri": URL, "event": [5]}, "event"),
        ({"uri": URL, "event": "a b"}, "event"),
        ({"event": "all"}, "uri"),
        ({"uri": 5, "event": "all"}, "uri"),
        ({"uri": "http://127.0.0.1.nip", "event": ".."}, "event"),
        ({"uri": "http://169.254.169.254/", "event": "all"}, "uri"),
    ],
)
def test_invalid_fields_are_422_with_the_dialects_names(
    call: Caller, body: Any, about: str
) -> None:
    response = call("POST", COLLECTION, body)
    assert (response.status_code, response.json["ec"]) == (422, 422)
    assert f"{about}: " in response.json["msg"] or about == "uri"
    assert list(response.json) == ["ec", "msg"]


def test_every_error_has_its_code_and_message(call: Caller) -> None:
    path = item(create_webhook(call)["id"])
    for fault, status, response in every_error(call, COLLECTION, path, f"{path}/more"):
        code = 400 if status == 415 else status
        assert response.status_code == code, fault
        assert response.content_type == "application/json", fault
        assert list(response.json) == ["ec", "msg"], fault
        assert response.json["ec"] == code, fault


@pytest.mark.parametrize(
    "path", ["/v1", "/v1/", "/v1/webhooks", "/v1/channel/7", f"{COLLECTION}/a/b"]
)
def test_an_unknown_path_is_a_404_in_the_dialects_shape(call: Caller, path: str) -> None:
    for method in ("GET", "POST", "BREW"):
        response = call(method, path)
        assert (response.status_code, response.json["ec"]) == (404, 404)


@pytest.mark.parametrize("webhook_id", [UNKNOWN_ID, "123456", "%00"])
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_an_unknown_webhook_is_404(call: Caller, webhook_id: str, method: str) -> None:
    response = call(method, item(webhook_id))
    assert (response.status_code, response.json["ec"]) == (404, 404)


def test_a_webhook_of_another_organization_is_not_found(call: Caller, stranger: Caller) -> None:
    path = item(create_webhook(stranger)["id"])
    for method in ("GET", "PUT", "DELETE"):
        assert call(method, path).status_code == 404
    assert call("GET", COLLECTION).json["total"] == 0
    assert stranger("GET", path).status_code == 200


def test_a_key_without_the_scope_is_403(reader: Caller) -> None:
    response = reader("GET", COLLECTION)
    assert (response.status_code, response.json["ec"]) == (403, 403)


def test_one_request_too_many_is_429_with_retry_after(call: Caller) -> None:
    response = rate_limited(call, COLLECTION)
    assert (response.status_code, response.json["ec"]) == (429, 429)
    assert response.headers["Retry-After"] == "60"
