"""A deadline covers the whole attempt, and its outcome names the phase."""

import socket
import threading
import time
from collections.abc import Callable

import pytest

from app.sending.addresses.guard import Guard
from app.sending.http.client import HttpClient
from tests.support.certificates import Authority
from tests.support.sending import collect, post, send
from tests.support.servers.names import NameServer
from tests.support.servers.raw_receiver import Connection, RawReceiver

Raw = Callable[..., RawReceiver]
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
SHORT = 0.3


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
    began = time.monotonic()
    outcome = send(http_client, raw(handle).url, timeout=SHORT, data=b"x")
    assert SHORT <= time.monotonic() - began < SHORT + 1
    assert (outcome.cause, outcome.status) == (cause, status)
    assert outcome.detail == "after 0.3 s"
    assert outcome.request_head.startswith(b"POST / HTTP/1.1\r\n")
    assert SHORT * 1e6 <= outcome.total_us < 1.3e6


def test_a_request_body_that_is_not_read_ends_at_the_deadline(
    http_client: HttpClient, raw: Raw
) -> None:
    receiver = raw(lambda connection: connection.hang())
    outcome = send(http_client, receiver.url, timeout=SHORT, data=b"a" * 40_000_000)
    assert outcome.cause == "timeout_send"


def test_a_hanging_handshake_ends_at_the_deadline(http_client: HttpClient, raw: Raw) -> None:
    receiver = raw(lambda connection: connection.hang())
    outcome = send(http_client, receiver.url.replace("http:", "https:"), timeout=SHORT)
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
    assert SHORT <= time.monotonic() - began < SHORT + 1


def test_a_hanging_receiver_does_not_delay_others(http_client: HttpClient, raw: Raw) -> None:
    hanging = raw(lambda connection: connection.hang())
    fast = raw(_respond_ok)
    for tag in range(20):
        http_client.start(post(hanging.url), timeout=30, tag=("hanging", tag))
    began = time.monotonic()
    for tag in range(20):
        http_client.start(post(fast.url), timeout=30, tag=("fast", tag))
    finished = 0
    while finished < 20:
        finished += len(http_client.poll(5))
    assert time.monotonic() - began < 2
    assert http_client.in_flight == 20


def test_each_request_has_its_own_deadline(http_client: HttpClient, raw: Raw) -> None:
    hanging = raw(lambda connection: connection.hang())
    began = time.monotonic()
    for seconds in (0.5, 0.1, 0.3):
        http_client.start(post(hanging.url), timeout=seconds, tag=seconds)
    order = []
    while http_client.in_flight:
        order += [tag for tag, _ in http_client.poll(5)]
    assert order == [0.1, 0.3, 0.5]
    assert 0.5 <= time.monotonic() - began < 1.5


def _respond_ok(connection: Connection) -> None:
    while connection.read_request():
        connection.send(OK)


def test_a_response_that_arrives_while_the_loop_is_stalled_is_not_a_timeout(
    http_client: HttpClient, raw: Raw
) -> None:
    """As when another process uses the CPU, or after SIGSTOP."""
    all_arrived = threading.Barrier(31)

    def handle(connection: Connection) -> None:
        connection.read_request()
        all_arrived.wait(10)
        connection.send(OK)
        connection.hang()

    receiver = raw(handle)
    for tag in range(30):
        http_client.start(post(receiver.url), timeout=0.5, tag=tag)
    http_client.poll(0)
    all_arrived.wait(10)
    _stall(0.8)
    assert {outcome.cause for outcome in collect(http_client).values()} == {"ok"}


def test_a_receiver_that_hangs_beyond_a_stall_times_out(http_client: HttpClient, raw: Raw) -> None:
    http_client.start(post(raw(lambda connection: connection.hang()).url), timeout=0.4, tag=1)
    http_client.poll(0)
    _stall(0.6)
    began = time.monotonic()
    assert collect(http_client)[1].cause == "timeout_wait"
    assert 0.2 < time.monotonic() - began < 1.0


def test_a_handshake_survives_a_stall(guard: Guard, raw: Raw, authority: Authority) -> None:
    http_client = HttpClient(guard, ca_file=authority.file)
    receiver = raw(_respond_ok, tls=authority.context("127.0.0.1"))
    http_client.start(post(receiver.url), timeout=0.5, tag=1)
    http_client.poll(0)
    _stall(0.8)
    assert collect(http_client)[1].cause == "ok"
    http_client.close()


def test_a_stall_while_idle_does_not_extend_the_next_deadline(
    http_client: HttpClient, raw: Raw
) -> None:
    http_client.poll(0)
    _stall(0.4)
    began = time.monotonic()
    outcome = send(http_client, raw(lambda connection: connection.hang()).url, timeout=0.3)
    assert outcome.cause == "timeout_wait"
    assert time.monotonic() - began < 0.6


def _stall(seconds: float) -> None:
    threading.Event().wait(seconds)
