"""The guarded session of `requests`."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests

from app.domain.bodies.spec import Body
from app.domain.deliveries.composing import Composed
from app.sending.addresses.guard import Guard
from app.sending.session import GuardedSession, RequestFailed
from tests.support.servers.raw_receiver import Connection, RawReceiver
from tests.support.servers.receiver import Receiver

Raw = Callable[..., RawReceiver]


@pytest.fixture
def session(guard: Guard) -> Iterator[GuardedSession]:
    with GuardedSession(guard) as guarded:
        yield guarded


def test_a_session_sends_a_request_and_reads_the_response(
    session: GuardedSession, receiver: Receiver
) -> None:
    receiver.respond(201, [("Content-Type", "application/json"), ("X-A", "1"), ("X-A", "2")], b"{}")
    response: Any = session.post(receiver.url + "/hook", json={"a": 1}, timeout=30)
    assert response.status_code == 201
    assert response.reason == "Created"
    assert response.json() == {}
    assert response.headers["x-a"] == "1, 2"
    assert response.url == receiver.url + "/hook"
    assert response.outcome.total_us > 0
    [request] = receiver.requests
    assert (request.method, request.path, request.body) == ("POST", "/hook", b'{"a": 1}')
    assert request.header("Accept-Encoding") is None


@pytest.mark.parametrize("location", ["{url}/other", "http://[broken"])
def test_redirects_are_not_followed(
    location: str, session: GuardedSession, receiver: Receiver
) -> None:
    receiver.respond(302, [("Location", location.format(url=receiver.url))])
    assert session.get(receiver.url, timeout=30).status_code == 302
    assert len(receiver.requests) == 1


def test_proxies_and_netrc_of_the_environment_are_ignored(
    session: GuardedSession,
    receiver: Receiver,
    tmp_path: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    netrc = tmp_path / ".netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password secret\n")
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    assert session.get(receiver.url, timeout=30).status_code == 200
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
def test_a_failed_request_raises_an_error_of_requests_with_its_outcome(
    url: str, kind: type[Exception], cause: str, session: GuardedSession, raw: Raw
) -> None:
    hanging = raw(lambda connection: connection.hang())
    closed = raw(lambda connection: connection.hang())
    closed.close()
    tls = raw(lambda connection: connection.socket.recv(1000)).url.replace("http:", "https:")
    url = url.format(hanging=hanging.url, closed=closed.url, tls=tls)
    with pytest.raises(kind) as caught:
        session.get(url, timeout=0.5 if kind is requests.Timeout else 30)
    assert isinstance(caught.value, RequestFailed)
    assert caught.value.outcome.cause == cause


def test_a_request_is_sent_exactly_as_it_is(session: GuardedSession, raw: Raw) -> None:
    """`requests` itself would quote the URL again, and join or drop the repeated header."""
    received: list[bytes] = []

    def handle(connection: Connection) -> None:
        received.append(connection.read_request())
        connection.send(b"HTTP/1.1 404 Not Found\r\nContent-Length: 8\r\n\r\nnot here")

    url = raw(handle).url
    headers = [("x-B", "1"), ("X-b", "2"), ("Accept", "*/*")]
    request = Composed("POST", f"{url}/a/../b|c?d=%7E", headers, b"abc", Body("text/plain", b"abc"))
    outcome = session.send_exactly(request, 5)
    assert (outcome.status, outcome.response_body) == (404, b"not here")
    host = url.removeprefix("http://").encode()
    assert received == [
        b"POST /a/../b|c?d=%7E HTTP/1.1\r\nHost: "
        + host
        + b"\r\nx-B: 1\r\nX-b: 2\r\nAccept: */*\r\nContent-Length: 3\r\n\r\nabc"
    ]


@pytest.mark.parametrize(
    ("url", "cause"),
    [("http://10.0.0.1/", "address_refused"), ("http://[broken/", "url"), ("ftp://a/", "url")],
)
def test_a_request_that_cannot_be_sent_is_an_outcome(
    url: str, cause: str, session: GuardedSession
) -> None:
    request = Composed("POST", url, [], b"", Body("text/plain", b""))
    assert session.send_exactly(request, 5).cause == cause
