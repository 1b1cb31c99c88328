"""`requests` over the wire."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests

from app.sending.addresses.guard import Guard
from app.sending.session import CallboardSession, Unanswered, send_once
from tests.support.raw_receiver import Connection, RawReceiver
from tests.support.receiver import Receiver
from tests.support.sending import post

Raw = Callable[..., RawReceiver]


@pytest.fixture
def session(guard: Guard) -> Iterator[CallboardSession]:
    with CallboardSession(guard) as made:
        yield made


def test_a_session_sends_and_reads(session: CallboardSession, receiver: Receiver) -> None:
    receiver.answer(201, [("Content-Type", "application/json"), ("X-A", "1"), ("X-A", "2")], b"{}")
    response: Any = session.post(receiver.url + "/hook", json={"a": 1}, timeout=5)
    assert response.status_code == 201
    assert response.reason == "Created"
    assert response.json() == {}
    assert response.headers["x-a"] == "1, 2"
    assert response.url == receiver.url + "/hook"
    assert response.outcome.total_us > 0
    [request] = receiver.requests
    assert (request.method, request.path, request.body) == ("POST", "/hook", b'{"a": 1}')
    assert request.header("Accept-Encoding") is None


def test_a_session_follows_no_redirect(session: CallboardSession, receiver: Receiver) -> None:
    receiver.answer(302, [("Location", receiver.url + "/other")])
    assert session.get(receiver.url, timeout=5).status_code == 302
    assert len(receiver.requests) == 1


def test_the_environment_changes_nothing(
    session: CallboardSession,
    receiver: Receiver,
    tmp_path: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    netrc = tmp_path / ".netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password secret\n")
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    assert session.get(receiver.url, timeout=5).status_code == 200
    assert receiver.requests[0].header("Authorization") is None


@pytest.mark.parametrize(
    ("url", "kind", "cause"),
    [
        ("http://10.0.0.1/", requests.ConnectionError, "address_refused"),
        ("{closed}/", requests.ConnectionError, "refused"),
        ("{hanging}/", requests.Timeout, "timeout_wait"),
        ("{tls}/", requests.exceptions.SSLError, "tls"),
        ("http://0x7f.1/", requests.exceptions.InvalidURL, "url"),
    ],
)
def test_what_failed_is_an_error_of_requests_with_its_outcome(
    url: str, kind: type[Exception], cause: str, session: CallboardSession, raw: Raw
) -> None:
    hanging, closed = raw(lambda connection: connection.hang()), raw(_read)
    closed.close()
    tls = raw(_cut).url.replace("http:", "https:")
    url = url.format(hanging=hanging.url, closed=closed.url, tls=tls)
    with pytest.raises(kind) as caught:
        session.get(url, timeout=0.3)
    assert isinstance(caught.value, Unanswered)
    assert caught.value.outcome.cause == cause


def _read(connection: Connection) -> None:
    connection.read_request()


def _cut(connection: Connection) -> None:
    connection.socket.recv(1000)


def test_one_request_can_be_sent_alone(guard: Guard, receiver: Receiver) -> None:
    receiver.answer(404, body=b"not here")
    outcome = send_once(post(receiver.url, b"abc"), guard, 5)
    assert (outcome.status, outcome.response_body) == (404, b"not here")
    assert receiver.requests[0].body == b"abc"


def test_a_request_sent_alone_never_raises_for_what_it_meets(guard: Guard) -> None:
    assert send_once(post("http://10.0.0.1/"), guard, 5).cause == "address_refused"
