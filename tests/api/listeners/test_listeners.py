"""Listeners over the API: created, asked for callbacks, and passed on to."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from app.domain.listeners.urls import HEADER
from app.runtime.context import runtime
from tests.api.conftest import Caller, problem
from tests.api.listeners.scene import PATH, respond, take, token_of
from tests.support.waiting import eventually

pytestmark = pytest.mark.usefixtures("sqlite_app")
OWN_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@pytest.fixture
def listener(api: Caller) -> Any:
    return api.post(PATH, {"event_types": ["encoding.*"]})


class Request:
    """A worker's request to a listener's URL, in a thread that waits for the response."""

    def __init__(self, app: Flask, listener_id: str, token: str, body: bytes, **more: Any) -> None:
        self.response: Any = None
        self._app, self._path = app, f"/listen/{listener_id}"
        self._options = {
            "data": body,
            "headers": {HEADER: token, **more.pop("headers", {})},
            **more,
        }
        self._thread = threading.Thread(target=self._send)
        self._thread.start()

    def _send(self) -> None:
        client = self._app.test_client()
        method = self._options.pop("method", "POST")
        self.response = client.open(self._path, method=method, **self._options)

    def end(self) -> Any:
        self._thread.join()
        return self.response


@pytest.fixture
def deliver(sqlite_app: Flask, listener: Any) -> Callable[..., Request]:
    def start(body: bytes = b"{}", **more: Any) -> Request:
        id_ = more.pop("listener_id", listener["id"])
        return Request(sqlite_app, id_, token_of(id_), body, **more)

    return start


def test_a_listener_is_created_with_a_secret_and_listed_without(api: Caller, listener: Any):
    assert listener["secret"].startswith("whsec_")
    [listed] = api("GET", PATH).json["data"]
    assert "secret" not in listed
    assert (listed["id"], listed["event_types"]) == (listener["id"], ["encoding.*"])


def test_a_listener_signs_with_a_secret_of_its_own(api: Caller):
    assert api.post(PATH, {"secret": OWN_SECRET})["secret"] == OWN_SECRET


def test_settings_that_a_listener_does_not_have_are_refused(api: Caller):
    errors = problem(api("POST", PATH, {"url": "https://a.example.com"}), 422, "invalid")["errors"]
    assert [error["field"] for error in errors] == ["url"]


def test_a_listener_is_in_no_list_of_webhooks_but_its_events_match(api: Caller, listener: Any):
    assert api("GET", "/webhooks").json["data"] == []
    assert api("GET", f"/webhooks/{listener['id']}").status_code == 404
    event = api.post("/events", {"type": "encoding.finished", "payload": {}})
    assert [each["webhook_id"] for each in event["deliveries"]] == [listener["id"]]
    assert api.post("/events", {"type": "live.ended", "payload": {}})["deliveries"] == []


def test_a_callback_is_taken_and_its_response_is_the_attempts(
    api: Caller, listener: Any, deliver: Callable[..., Request]
):
    headers = {"webhook-id": "a", "X-Callboard-Event-Type": "encoding.finished"}
    delivery = deliver(b'{"n": 1}', headers=headers, query_string="a=b%20c")
    [callback] = take(api, listener)["data"]
    names = {header["name"].lower() for header in callback["headers"]}
    assert callback["body"] == {"text": '{"n": 1}', "encoding": "utf-8", "bytes": 8}
    assert (callback["method"], callback["query"]) == ("POST", "a=b%20c")
    assert callback["event_type"] == "encoding.finished"
    assert "webhook-id" in names
    assert HEADER.lower() not in names
    fields = {
        "status": 418,
        "headers": [{"name": "X-Team", "value": "video"}, {"name": "Content-Length", "value": "9"}],
        "body": "c2hvcnQ=",
        "body_encoding": "base64",
    }
    assert respond(api, listener, callback, fields).status_code == 204
    response = delivery.end()
    assert (response.status_code, response.data) == (418, b"short")
    assert (response.headers["X-Team"], response.content_length) == ("video", 5)


def test_a_local_error_is_a_bad_gateway_that_says_why(
    api: Caller, listener: Any, deliver: Callable[..., Request]
):
    delivery = deliver()
    [callback] = take(api, listener)["data"]
    respond(api, listener, callback, {"error": "Connection refused by localhost:3000"})
    response = delivery.end()
    assert response.status_code == 502
    assert "Connection refused by localhost:3000" in response.text


def test_a_second_response_to_a_callback_is_refused(
    api: Caller, listener: Any, deliver: Callable[..., Request]
):
    delivery = deliver()
    [callback] = take(api, listener)["data"]
    assert respond(api, listener, callback, {"status": 200}).status_code == 204
    problem(respond(api, listener, callback, {"status": 500}), 409, "conflict")
    assert delivery.end().status_code == 200


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"status": 99},
        {"status": 200, "other": 1},
        {"status": 200, "body": "?", "body_encoding": "base64"},
        {"status": 200, "body": "a", "body_encoding": "rot13"},
        {"status": 200, "headers": [{"name": ""}]},
    ],
)
def test_invalid_responses_are_refused(api: Caller, listener: Any, document: Any):
    callback = {"id": listener["id"]}
    problem(respond(api, listener, callback, document), 422, "invalid")


def test_nothing_within_the_time_is_an_empty_list(api: Caller, listener: Any):
    assert take(api, listener, wait=0) == {"data": [], "is_replaced": False}


def test_a_later_request_of_the_same_listener_takes_over(
    sqlite_app: Flask, api: Caller, listener: Any, deliver: Callable[..., Request]
):
    first: list[Any] = []
    older = Caller(sqlite_app.test_client(), api.headers)
    thread = threading.Thread(target=lambda: first.append(take(older, listener)))
    thread.start()
    eventually(lambda: runtime().topics._watched)
    later: list[Any] = []
    newer = Caller(sqlite_app.test_client(), api.headers)
    other = threading.Thread(target=lambda: later.append(take(newer, listener)))
    other.start()
    thread.join()
    assert first == [{"data": [], "is_replaced": True}]
    delivery = deliver()
    other.join()
    respond(api, listener, later[0]["data"][0], {"status": 204})
    assert delivery.end().status_code == 204
