"""The HTTP client: concurrency, waiting, and independence from the environment."""

import threading
import time
from collections.abc import Callable

import pytest

from app.sending.addresses.guard import Guard
from app.sending.http.client import HttpClient
from tests.support.sending import collect, post, send
from tests.support.servers.raw_receiver import Connection, RawReceiver

Raw = Callable[..., RawReceiver]
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def respond_ok(connection: Connection) -> None:
    while connection.read_request():
        connection.send(OK)


def test_the_phases_of_an_attempt_are_timed(http_client: HttpClient, raw: Raw) -> None:
    def handle(connection: Connection) -> None:
        while connection.read_request():
            connection.hang(0.1)
            connection.send(OK)

    receiver = raw(handle)
    first, second = send(http_client, receiver.url), send(http_client, receiver.url)
    assert first.connect_us is not None
    assert 100_000 <= (first.first_byte_us or 0) <= first.total_us < 30_000_000
    assert first.connect_us <= first.total_us - 100_000
    assert (first.dns_us, first.tls_us) == (None, None)
    assert (second.connect_us, second.dns_us) == (None, None)
    assert abs(first.started_at - time.time() * 1000) < 30_000


@pytest.mark.parametrize(
    "name", ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY", "https_proxy"]
)
def test_a_proxy_in_the_environment_is_not_used(
    name: str, http_client: HttpClient, raw: Raw, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert send(http_client, raw(respond_ok).url).cause == "ok"


def test_many_requests_are_in_flight_at_once(http_client: HttpClient, raw: Raw) -> None:
    all_arrived = threading.Barrier(50)

    def handle(connection: Connection) -> None:
        connection.read_request()
        all_arrived.wait(30)
        connection.send(OK)

    receiver = raw(handle)
    for tag in range(50):
        http_client.start(post(receiver.url), timeout=30, tag=tag)
    assert http_client.in_flight == 50
    outcomes = collect(http_client)
    assert sorted(outcomes) == list(range(50))
    assert {outcome.cause for outcome in outcomes.values()} == {"ok"}
    assert http_client.in_flight == 0


def test_starting_without_a_free_slot_raises(guard: Guard, raw: Raw) -> None:
    http_client = HttpClient(guard, max_in_flight=1)
    receiver = raw(lambda connection: connection.hang())
    http_client.start(post(receiver.url), timeout=10, tag=1)
    with pytest.raises(RuntimeError):
        http_client.start(post(receiver.url), timeout=10, tag=2)
    http_client.close()


def test_wake_ends_a_poll(http_client: HttpClient) -> None:
    threading.Timer(0.05, http_client.wake).start()
    began = time.monotonic()
    assert http_client.poll(30) == []
    assert time.monotonic() - began < 25


def test_poll_returns_when_its_time_is_over(http_client: HttpClient) -> None:
    began = time.monotonic()
    assert http_client.poll(0.1) == []
    assert time.monotonic() - began > 0.09
