"""A Redis that is not there, or does not answer: events are taken as fast as ever, and deliveries
start soon. (tests/acceptance has one that forgets, and one that is killed.)"""

import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
import redis
from flask import Flask

from app.engine.dispatcher import LINGER_SECONDS
from app.services.events import publishing as events
from tests.faults.workers import Workers
from tests.services.publishing import draft, webhook
from tests.support.receiver import Receiver
from tests.support.waiting import eventually

pytestmark = pytest.mark.faults

# Far below what waiting for Redis would cost each time, far above what a busy machine adds.
TAKEN_SECONDS, SENT_SECONDS = 1.0, 4.0


@pytest.fixture
def bad_redis_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        # The kernel takes connections and what is said on them; nobody ever answers.
        hung = f"redis://127.0.0.1:{silent.getsockname()[1]}/0"
        yield {"absent": f"unix://{tmp_path}/none.sock", "hung": hung}[request.param]


@pytest.fixture
def redis_url(request: pytest.FixtureRequest) -> str:
    """Of the test's own kind, where it asks for one."""
    own = "bad_redis_url" in request.fixturenames
    server = request.getfixturevalue("redis_server_url")
    with redis.Redis.from_url(server) as client:
        client.flushall()
    return str(request.getfixturevalue("bad_redis_url") if own else server)


def _publish_and_wait(organization_id: str, receiver: Receiver) -> tuple[float, float]:
    """Seconds until an event was taken, and until it was received."""
    came, before = len(receiver.requests), time.monotonic()
    events.publish(organization_id, draft())
    taken = time.monotonic()
    sent = receiver.wait_for(came + 1)[came]
    return taken - before, sent.at - before


def _until_at_rest() -> None:
    """The worker lingers for a while, since the next event is often not far."""
    at_rest = time.monotonic() + LINGER_SECONDS + 0.2
    eventually(lambda: time.monotonic() > at_rest)


@pytest.mark.parametrize("bad_redis_url", ["absent", "hung"], indirect=True)
def test_without_redis_events_are_taken_at_once_and_sent_within_a_second(
    bad_redis_url: str, sqlite_app: Flask, workers: Workers, organization: Any, receiver: Receiver
) -> None:
    webhook(organization.id, url=receiver.url)
    workers.start()
    for _ in range(3):
        taken, sent = _publish_and_wait(organization.id, receiver)
        assert taken < TAKEN_SECONDS
        assert sent < SENT_SECONDS
        _until_at_rest()


def test_a_redis_that_stops_answering_holds_nothing_up_for_long(
    redis_server_url: str,
    sqlite_app: Flask,
    workers: Workers,
    organization: Any,
    receiver: Receiver,
) -> None:
    webhook(organization.id, url=receiver.url)
    workers.start()
    with redis.Redis.from_url(redis_server_url) as client:
        # The worker waits for what the queue brings.
        eventually(lambda: client.info("clients")["blocked_clients"] == 1)
        server = psutil.Process(client.info("server")["process_id"])
    server.send_signal(signal.SIGSTOP)
    try:
        taken, sent = _publish_and_wait(organization.id, receiver)
        assert taken < TAKEN_SECONDS
        assert sent < SENT_SECONDS
    finally:
        server.send_signal(signal.SIGCONT)
