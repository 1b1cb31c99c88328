"""How a wire is used: many at once, waited for, kept apart from the environment."""

import threading
import time
from collections.abc import Callable

import pytest

from app.sending.addresses.guard import Guard
from app.sending.http.client import Wire
from tests.support.raw_receiver import Connection, RawReceiver
from tests.support.sending import collect, post, send

Raw = Callable[..., RawReceiver]
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def answer(connection: Connection) -> None:
    while connection.read_request():
        connection.send(OK)


def test_the_times_of_an_attempt_are_measured(wire: Wire, raw: Raw) -> None:
    def handle(connection: Connection) -> None:
        while connection.read_request():
            connection.hang(0.1)
            connection.send(OK)

    receiver = raw(handle)
    new, again = send(wire, receiver.url), send(wire, receiver.url)
    assert new.connect_us is not None
    assert new.connect_us < 100_000 <= (new.first_byte_us or 0) <= new.total_us < 1_000_000
    assert (new.dns_us, new.tls_us) == (None, None)
    assert (again.connect_us, again.dns_us) == (None, None)
    assert abs(new.started_at - time.time() * 1000) < 5000


@pytest.mark.parametrize(
    "name", ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY", "https_proxy"]
)
def test_a_proxy_of_the_environment_is_not_used(
    name: str, wire: Wire, raw: Raw, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert send(wire, raw(answer).url).cause == "ok"


def test_many_go_at_once(wire: Wire, raw: Raw) -> None:
    everybody_came = threading.Barrier(50)

    def handle(connection: Connection) -> None:
        connection.read_request()
        everybody_came.wait(10)
        connection.send(OK)

    receiver = raw(handle)
    for tag in range(50):
        wire.start(post(receiver.url), timeout=10, tag=tag)
    assert wire.in_flight == 50
    outcomes = collect(wire)
    assert sorted(outcomes) == list(range(50))
    assert {outcome.cause for outcome in outcomes.values()} == {"ok"}
    assert (wire.in_flight, wire.free) == (0, 1000)


def test_more_than_there_are_slots_is_an_error_of_the_caller(guard: Guard, raw: Raw) -> None:
    wire = Wire(guard, max_in_flight=1)
    receiver = raw(lambda connection: connection.hang())
    wire.start(post(receiver.url), timeout=10, tag=1)
    with pytest.raises(RuntimeError):
        wire.start(post(receiver.url), timeout=10, tag=2)
    wire.close()


def test_wake_ends_a_wait(wire: Wire) -> None:
    threading.Timer(0.05, wire.wake).start()
    began = time.monotonic()
    assert wire.poll(10) == []
    assert time.monotonic() - began < 2


def test_waiting_ends_when_its_time_is_over(wire: Wire) -> None:
    began = time.monotonic()
    assert wire.poll(0.1) == []
    assert 0.09 < time.monotonic() - began < 1
