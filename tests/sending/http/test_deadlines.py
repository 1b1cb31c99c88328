"""A deadline covers the whole attempt, and its outcome names the phase."""

import socket
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
import requests

from app.sending.addresses.guard import Guard
from app.sending.http.client import HttpClient
from app.sending.http.outcome import Outcome
from tests.support.certificates import Authority
from tests.support.sending import Stall, collect, pass_time, post, send
from tests.support.servers.names import NameServer
from tests.support.servers.raw_receiver import Connection, RawReceiver

Raw = Callable[..., RawReceiver]
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
# Seconds. The long one never passes, unless a test says that it did.
SHORT, LONG = 0.3, 30


@pytest.fixture
def stall(monkeypatch: pytest.MonkeyPatch) -> Stall:
    return Stall(monkeypatch)


def dripping(start: bytes) -> Callable[[Connection], None]:
    def handle(connection: Connection) -> None:
        connection.read_request()
        connection.send(start)
        while not connection.hang(0.02):
            connection.send(b"a")

    return handle


def hanging_after(start: bytes) -> Callable[[Connection], None]:
    def handle(connection: Connection) -> None:
        connection.read_request()
        connection.send(start)
        connection.hang()

    return handle


def at_the_deadline(
    client: HttpClient, raw: Raw, handle: Callable[[Connection], None], **request: Any
) -> Outcome:
    """The outcome of a request whose deadline passes while the receiver hangs.
    request: as of `requests`; scheme: instead of http."""
    hangs = threading.Event()

    def handle_until_it_hangs(connection: Connection) -> None:
        hang = connection.hang

        def noted(seconds: float = 30.0) -> bool:
            hangs.set()
            return hang(seconds)

        connection.hang = noted  # type: ignore[method-assign]
        handle(connection)

    url = raw(handle_until_it_hangs).url.replace("http", request.pop("scheme", "http"))
    client.start(requests.Request("POST", url, **request).prepare(), timeout=LONG, tag=1)
    while not hangs.is_set():
        assert client.poll(0.01) == []
    # What was sent before is here: it is read before deadlines are looked at.
    assert client.poll(0.1) == []
    pass_time(client, LONG)
    return collect(client)[1]


@pytest.mark.parametrize(
    ("handle", "cause", "status"),
    [
        (hanging_after(b""), "timeout_wait", None),
        (hanging_after(b"HTTP/1.1 103 Early Hints\r\n\r\n"), "timeout_wait", None),
        (hanging_after(b"HTTP/1.1 200 OK\r\nContent-Le"), "timeout_read", 200),
        (hanging_after(b"HTTP/1.1 503 Busy\r\nContent-Length: 9\r\n\r\nhalf"), "timeout_read", 503),
        (dripping(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n"), "timeout_read", 200),
        (dripping(b"HTTP/1.1 200 OK\r\nX-Slow: "), "timeout_read", 200),
        (dripping(b"HTTP/1.1 200 slow"), "timeout_wait", None),
    ],
    ids=["hang", "hang after 103", "headers", "body", "drip body", "drip headers", "drip status"],
)
def test_a_slow_response_ends_at_the_deadline(
    handle: Callable[[Connection], None],
    cause: str,
    status: int | None,
    http_client: HttpClient,
    raw: Raw,
) -> None:
    outcome = at_the_deadline(http_client, raw, handle, data=b"x")
    assert (outcome.cause, outcome.status) == (cause, status)
    assert outcome.detail == "after 30 s"
    assert outcome.request_head.startswith(b"POST / HTTP/1.1\r\n")


def test_the_deadline_is_in_seconds(http_client: HttpClient, raw: Raw) -> None:
    began = time.monotonic()
    outcome = send(http_client, raw(lambda connection: connection.hang()).url, timeout=SHORT)
    assert SHORT <= time.monotonic() - began < LONG
    assert outcome.detail == "after 0.3 s"
    assert SHORT * 1e6 <= outcome.total_us < LONG * 1e6


def test_a_request_body_that_is_not_read_ends_at_the_deadline(
    http_client: HttpClient, raw: Raw
) -> None:
    outcome = at_the_deadline(
        http_client, raw, lambda connection: connection.hang(), data=b"a" * 40_000_000
    )
    assert outcome.cause == "timeout_send"


def test_a_hanging_handshake_ends_at_the_deadline(http_client: HttpClient, raw: Raw) -> None:
    outcome = at_the_deadline(
        http_client, raw, lambda connection: connection.hang(), scheme="https"
    )
    assert (outcome.cause, outcome.tls_us) == ("timeout_tls", None)


@pytest.fixture
def full_port() -> int:
    """A port of 127.0.0.2 whose accept queue is full, so that connecting hangs."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.2", 0))
        listener.listen(0)
        waiting = [socket.socket() for _ in range(3)]
        for pending in waiting:
            pending.setblocking(False)
            pending.connect_ex(listener.getsockname())
        yield listener.getsockname()[1]
        for pending in waiting:
            pending.close()


def test_a_hanging_connection_ends_at_the_deadline(full_port: int, http_client: HttpClient) -> None:
    outcome = send(http_client, f"http://127.0.0.2:{full_port}/", timeout=SHORT)
    assert (outcome.cause, outcome.connect_us) == ("timeout_connect", None)
    assert outcome.remote_address is None


def test_the_deadline_includes_the_dns_lookup(
    http_client: HttpClient, name_server: NameServer
) -> None:
    name_server.silent.add("silent.test")
    began = time.monotonic()
    outcome = send(http_client, "http://silent.test/", timeout=SHORT)
    assert outcome.cause == "timeout_dns"
    assert SHORT <= time.monotonic() - began < LONG


def test_a_hanging_receiver_does_not_delay_others(http_client: HttpClient, raw: Raw) -> None:
    hanging = raw(lambda connection: connection.hang())
    fast = raw(_respond_ok)
    for tag in range(20):
        http_client.start(post(hanging.url), timeout=LONG, tag=("hanging", tag))
    for tag in range(20):
        http_client.start(post(fast.url), timeout=LONG, tag=("fast", tag))
    finished: dict[Any, Outcome] = {}
    while len(finished) < 20:
        finished.update(http_client.poll(5))
    assert {outcome.cause for outcome in finished.values()} == {"ok"}
    assert http_client.in_flight == 20


def test_each_request_has_its_own_deadline(http_client: HttpClient, raw: Raw) -> None:
    hanging = raw(lambda connection: connection.hang())
    for seconds in (300, 100, 200):
        http_client.start(post(hanging.url), timeout=seconds, tag=seconds)
    for seconds in (100, 200, 300):
        assert http_client.poll(0) == []
        pass_time(http_client, 100)
        assert [tag for tag, _ in http_client.poll(0)] == [seconds]


def _respond_ok(connection: Connection) -> None:
    while connection.read_request():
        connection.send(OK)


def test_a_response_that_arrives_while_the_loop_is_stalled_is_not_a_timeout(
    http_client: HttpClient, raw: Raw, stall: Stall
) -> None:
    all_arrived = threading.Barrier(31)

    def handle(connection: Connection) -> None:
        connection.read_request()
        all_arrived.wait(LONG)
        connection.send(OK)
        connection.hang()

    receiver = raw(handle)
    for tag in range(30):
        http_client.start(post(receiver.url), timeout=LONG, tag=tag)
    http_client.poll(0)
    all_arrived.wait(LONG)
    stall(2 * LONG)
    assert {outcome.cause for outcome in collect(http_client).values()} == {"ok"}


def test_a_receiver_that_hangs_beyond_a_stall_times_out(
    http_client: HttpClient, raw: Raw, stall: Stall
) -> None:
    http_client.start(post(raw(lambda connection: connection.hang()).url), timeout=LONG, tag=1)
    http_client.poll(0)
    stall(2 * LONG)
    assert http_client.poll(0) == []
    pass_time(http_client, LONG)
    assert collect(http_client)[1].cause == "timeout_wait"


def test_a_handshake_survives_a_stall(
    guard: Guard, raw: Raw, authority: Authority, stall: Stall
) -> None:
    http_client = HttpClient(guard, ca_file=authority.file)
    receiver = raw(_respond_ok, tls=authority.context("127.0.0.1"))
    http_client.start(post(receiver.url), timeout=LONG, tag=1)
    http_client.poll(0)
    stall(2 * LONG)
    assert collect(http_client)[1].cause == "ok"
    http_client.close()


def test_a_stall_while_idle_does_not_extend_the_next_deadline(
    http_client: HttpClient, raw: Raw, stall: Stall
) -> None:
    http_client.poll(0)
    stall(2 * LONG)
    http_client.start(post(raw(lambda connection: connection.hang()).url), timeout=LONG, tag=1)
    http_client.poll(0)
    pass_time(http_client, LONG)
    assert [outcome.cause for _, outcome in http_client.poll(0)] == ["timeout_wait"]
