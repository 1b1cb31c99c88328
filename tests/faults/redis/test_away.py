"""Without a responding Redis, events are accepted as fast as ever and deliveries start soon.

tests/acceptance covers a Redis that is flushed and one that is killed.
"""

import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import psutil
import pytest
import redis
from flask import Flask
from flask.testing import FlaskClient

from app.engine.dispatcher import LINGER_SECONDS
from app.services.events import publishing as events
from tests.faults.workers.processes import Workers
from tests.services.publishing import draft, webhook
from tests.support.servers import redis as redis_server
from tests.support.servers.receiver import Receiver
from tests.support.servers.tcp_proxy import TcpProxy
from tests.support.waiting import eventually

pytestmark = pytest.mark.faults

# Less than waiting for Redis would take, more than a busy machine that stands still adds.
ACCEPTED_SECONDS, SENT_SECONDS = 4.0, 8.0
# Before each byte to the server, and from it. In the second case no single read takes longer than
# the timeout of a socket.
SLOW = {"both ways": (0.05, 0.05), "responses": (0.0, 0.2)}


@pytest.fixture
def bad_redis_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        # The kernel accepts connections and data; nothing ever responds.
        hung = f"redis://127.0.0.1:{silent.getsockname()[1]}/0"
        yield {"absent": f"unix://{tmp_path}/none.sock", "hung": hung}[request.param]


@pytest.fixture
def redis_url(request: pytest.FixtureRequest) -> str:
    """The bad one if the test requests one, with the timeouts of the product."""
    bad = {"bad_redis_url", "refusing_redis_url", "slow_redis_url"} & set(request.fixturenames)
    server = request.getfixturevalue("redis_server_url")
    with redis.Redis.from_url(server) as client:
        client.flushall()
    return str(request.getfixturevalue(bad.pop()) if bad else server.partition("?")[0])


def _publish_and_wait(organization_id: str, receiver: Receiver) -> tuple[float, float]:
    """Seconds until an event was accepted, and until it was received."""
    count, before = len(receiver.requests), time.monotonic()
    events.publish(organization_id, draft())
    accepted = time.monotonic()
    sent = receiver.wait_for(count + 1)[count]
    return accepted - before, sent.at - before


def _wait_until_idle() -> None:
    """The dispatcher keeps running for LINGER_SECONDS after its last delivery."""
    idle_at = time.monotonic() + LINGER_SECONDS + 0.2
    eventually(lambda: time.monotonic() > idle_at)


@pytest.mark.parametrize(
    "bad_redis_url", [pytest.param("absent", marks=pytest.mark.long), "hung"], indirect=True
)
def test_without_redis_events_are_accepted_at_once_and_sent_soon(
    bad_redis_url: str, sqlite_app: Flask, workers: Workers, organization: Any, receiver: Receiver
) -> None:
    webhook(organization.id, url=receiver.url)
    workers.start()
    for _ in range(2):
        accepted, sent = _publish_and_wait(organization.id, receiver)
        assert accepted < ACCEPTED_SECONDS
        assert sent < SENT_SECONDS
        _wait_until_idle()


@pytest.fixture
def refusing_redis_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """A server that responds to every write with an error."""
    with redis_server.running() as url:
        with redis.Redis.from_url(url) as client:
            client.set("filler", "x" * 100_000)
            if request.param == "out of memory":
                client.config_set("maxmemory", "1")
            else:
                client.execute_command("REPLICAOF", "127.0.0.1", "1")
        yield url


@pytest.mark.parametrize(
    "refusing_redis_url",
    ["out of memory", pytest.param("read-only", marks=pytest.mark.long)],
    indirect=True,
)
def test_a_redis_that_refuses_writes_delays_nothing_for_long(
    refusing_redis_url: str,
    sqlite_app: Flask,
    workers: Workers,
    organization: Any,
    receiver: Receiver,
) -> None:
    webhook(organization.id, url=receiver.url)
    workers.start()
    accepted, sent = _publish_and_wait(organization.id, receiver)
    assert accepted < ACCEPTED_SECONDS
    assert sent < SENT_SECONDS


def test_a_redis_that_stops_responding_delays_nothing_for_long(
    redis_server_url: str,
    sqlite_app: Flask,
    workers: Workers,
    organization: Any,
    receiver: Receiver,
) -> None:
    webhook(organization.id, url=receiver.url)
    workers.start()
    with redis.Redis.from_url(redis_server_url) as client:
        # The worker waits for a wake-up.
        eventually(lambda: client.info("clients")["blocked_clients"] == 1)
        server = psutil.Process(client.info("server")["process_id"])
    server.send_signal(signal.SIGSTOP)
    try:
        accepted, sent = _publish_and_wait(organization.id, receiver)
        assert accepted < ACCEPTED_SECONDS
        assert sent < SENT_SECONDS
    finally:
        server.send_signal(signal.SIGCONT)


@pytest.fixture
def slow_redis_url(request: pytest.FixtureRequest, redis_server_url: str) -> Iterator[str]:
    """A server whose every byte takes a while."""
    parts = urlsplit(redis_server_url)

    def connect() -> socket.socket:
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(unquote(parts.path))
        return connection

    network = TcpProxy(connect)
    network.delay_to, network.delay_from = SLOW[request.param]
    yield f"redis://:{parts.password}@127.0.0.1:{network.port}/0"
    network.close()


@pytest.mark.parametrize(
    "slow_redis_url",
    [pytest.param("both ways", marks=pytest.mark.long), "responses"],
    indirect=True,
)
def test_with_a_slow_redis_requests_are_answered_and_events_sent_soon(
    *,
    slow_redis_url: str,
    sqlite_app: Flask,
    workers: Workers,
    client: FlaskClient,
    organization: Any,
    api_key: Any,
    receiver: Receiver,
) -> None:
    webhook(organization.id, url=receiver.url)
    workers.start()
    headers = {"Authorization": f"Bearer {api_key.key}"}
    times = []
    for count in range(1, 6):
        began = time.monotonic()
        posted = client.post("/api/v1/events", json={"type": "a.b", "payload": {}}, headers=headers)
        accepted = time.monotonic()
        assert posted.status_code == 202, posted.text
        times.append(accepted - began)
        assert receiver.wait_for(count)[-1].at - accepted < SENT_SECONDS
    assert max(times) < ACCEPTED_SECONDS, times
