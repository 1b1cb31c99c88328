"""What a live channel's client is told when something is wrong."""

from typing import Any

import pytest

from tests.compat.caller import NOBODY, URL, Caller, rate_limited, refusals
from tests.compat.test_live_channel import ALL, made, one


@pytest.mark.parametrize(
    "query", ["page=-1", "page=x", "length=0", "length=101", "length=-5", "length=1.5", "page=9e9"]
)
def test_out_of_range_is_422_and_not_clamped(call: Caller, query: str) -> None:
    answer = call("GET", f"{ALL}?{query}")
    assert (answer.status_code, answer.json["ec"]) == (422, 422)


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
def test_wrong_fields_are_422_and_named_in_the_dialects_words(
    call: Caller, body: Any, about: str
) -> None:
    answer = call("POST", ALL, body)
    assert (answer.status_code, answer.json["ec"]) == (422, 422)
    assert f"{about}: " in answer.json["msg"] or about == "uri"
    assert list(answer.json) == ["ec", "msg"]


def test_every_refusal_has_its_code_and_message(call: Caller) -> None:
    path = one(made(call)["id"])
    for what, status, answer in refusals(call, ALL, path, f"{path}/more"):
        code = 400 if status == 415 else status
        assert answer.status_code == code, what
        assert answer.content_type == "application/json", what
        assert list(answer.json) == ["ec", "msg"], what
        assert answer.json["ec"] == code, what


@pytest.mark.parametrize("path", ["/v1", "/v1/", "/v1/webhooks", "/v1/channel/7", f"{ALL}/a/b"])
def test_a_path_at_which_nothing_is_served_is_404(call: Caller, path: str) -> None:
    for method in ("GET", "POST", "BREW"):
        answer = call(method, path)
        assert (answer.status_code, answer.json["ec"]) == (404, 404)


@pytest.mark.parametrize("webhook_id", [NOBODY, "123456", "%00"])
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_an_unknown_webhook_is_404(call: Caller, webhook_id: str, method: str) -> None:
    answer = call(method, one(webhook_id))
    assert (answer.status_code, answer.json["ec"]) == (404, 404)


def test_a_webhook_of_another_organization_is_not_there(call: Caller, stranger: Caller) -> None:
    path = one(made(stranger)["id"])
    for method in ("GET", "PUT", "DELETE"):
        assert call(method, path).status_code == 404
    assert call("GET", ALL).json["total"] == 0
    assert stranger("GET", path).status_code == 200


def test_a_key_without_the_scope_is_403(reader: Caller) -> None:
    answer = reader("GET", ALL)
    assert (answer.status_code, answer.json["ec"]) == (403, 403)


def test_one_request_too_many_is_429_with_retry_after(call: Caller) -> None:
    answer = rate_limited(call, ALL)
    assert (answer.status_code, answer.json["ec"]) == (429, 429)
    assert answer.headers["Retry-After"] == "1"
