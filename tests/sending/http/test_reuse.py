"""Connections are reused, and a dead idle connection does not fail an attempt."""

import gc
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from app.sending.addresses.guard import Guard
from app.sending.http.client import HttpClient
from tests.support.sending import collect, pass_time, post, send
from tests.support.servers.raw_receiver import Connection, RawReceiver

Raw = Callable[..., RawReceiver]
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def test_a_connection_is_reused(http_client: HttpClient, raw: Raw) -> None:
    def handle(connection: Connection) -> None:
        while connection.read_request():
            connection.send(OK)

    receiver = raw(handle)
    assert {send(http_client, receiver.url).cause for _ in range(20)} == {"ok"}
    assert receiver.connections == 1


@pytest.mark.parametrize("ending", ["close", "reset"])
@pytest.mark.parametrize("method", ["POST", "GET", "HEAD"])
def test_a_request_on_a_dead_idle_connection_is_repeated(
    method: str, ending: str, http_client: HttpClient, raw: Raw
) -> None:
    requests: list[int] = []

    def handle(connection: Connection) -> None:
        connection.read_request()
        requests.append(connection.number)
        head = OK[:-2] if method == "HEAD" else OK
        connection.send(head)
        connection.read_request()
        requests.append(connection.number)
        if ending == "reset":
            connection.reset()

    receiver = raw(handle)
    first = send(http_client, receiver.url, method=method)
    second = send(http_client, receiver.url, method=method)
    assert (first.cause, second.cause) == ("ok", "ok")
    assert requests == [0, 0, 1]


def test_a_request_is_repeated_only_once_when_all_idle_connections_are_dead(
    http_client: HttpClient, raw: Raw
) -> None:
    """libcurl alone would send it once per idle connection, up to six times."""
    requests: list[int] = []

    def handle(connection: Connection) -> None:
        connection.read_request()
        connection.hang(0.1)
        connection.send(OK)
        if connection.read_request():
            requests.append(connection.number)

    receiver = raw(handle)
    for tag in range(8):
        http_client.start(post(receiver.url), timeout=30, tag=tag)
    assert {outcome.cause for outcome in collect(http_client).values()} == {"ok"}
    assert receiver.connections == 8

    assert send(http_client, receiver.url).cause == "ok"
    assert len(requests) == 1
    assert receiver.connections == 9


def test_a_request_on_a_new_connection_is_not_repeated(http_client: HttpClient, raw: Raw) -> None:
    requests: list[int] = []

    def handle(connection: Connection) -> None:
        connection.read_request()
        requests.append(connection.number)

    assert send(http_client, raw(handle).url).cause == "empty_reply"
    assert requests == [0]


def test_a_repeated_request_that_fails_too_is_a_failure(http_client: HttpClient, raw: Raw) -> None:
    def handle(connection: Connection) -> None:
        connection.read_request()
        if connection.number == 0:
            connection.send(OK)
            connection.read_request()

    receiver = raw(handle)
    send(http_client, receiver.url)
    assert send(http_client, receiver.url).cause == "empty_reply"
    assert receiver.connections == 2


def test_a_connection_closed_while_idle_is_replaced(http_client: HttpClient, raw: Raw) -> None:
    def handle(connection: Connection) -> None:
        connection.read_request()
        connection.send(OK)

    receiver = raw(handle)
    for _ in range(10):
        assert send(http_client, receiver.url).cause == "ok"
        http_client.poll(0.02)
    assert receiver.connections == 10


def test_a_connection_is_not_reused_after_a_read_timeout(http_client: HttpClient, raw: Raw) -> None:
    def handle(connection: Connection) -> None:
        while connection.read_request():
            connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf")
            sent.release()
            may_go_on.wait(30)
            connection.send(b"other")

    sent, may_go_on = threading.Semaphore(0), threading.Event()
    receiver = raw(handle)
    http_client.start(post(receiver.url), timeout=30, tag=1)
    while not sent.acquire(blocking=False):
        assert http_client.poll(0.01) == []
    assert http_client.poll(0.1) == []
    pass_time(http_client, 30)
    assert collect(http_client)[1].cause == "timeout_read"
    may_go_on.set()
    assert send(http_client, receiver.url).response_body == b"halfother"
    assert receiver.connections == 2


def test_connection_close_is_honoured(http_client: HttpClient, raw: Raw) -> None:
    def handle(connection: Connection) -> None:
        connection.read_request()
        connection.send(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
        connection.hang()

    receiver = raw(handle)
    assert [send(http_client, receiver.url).cause for _ in range(3)] == ["ok"] * 3
    assert receiver.connections == 3


def test_a_closed_client_leaves_no_descriptor_open(guard: Guard, raw: Raw) -> None:
    def handle(connection: Connection) -> None:
        connection.read_request()
        connection.send(OK)
        connection.hang()

    receiver = raw(handle)

    def use() -> None:
        http_client = HttpClient(guard)
        for tag in range(20):
            http_client.start(post(receiver.url), timeout=30, tag=tag)
        collect(http_client)
        http_client.start(post(receiver.url), timeout=30, tag="in flight")
        http_client.poll(0)
        http_client.close()

    use()
    before = _own_sockets(receiver)
    use()
    assert _own_sockets(receiver) == before


def _own_sockets(receiver: RawReceiver) -> int:
    """The open descriptors of this process, without those of the receiver."""
    gc.collect()
    of_receiver = sum(connection.fileno() >= 0 for connection in receiver._open)
    return len(list(Path("/proc/self/fd").iterdir())) - of_receiver


def test_an_idle_handle_keeps_no_large_body(http_client: HttpClient, raw: Raw) -> None:
    def handle(connection: Connection) -> None:
        while connection.read_request():
            connection.send(OK)

    body = bytes(bytearray(1_000_000))
    http_client.start(post(raw(handle).url, body), timeout=30, tag=1)
    collect(http_client)
    assert not [owner for owner in gc.get_referrers(body) if owner is not locals()]
