"""More than the 1,024 descriptors that `select` can watch."""

import resource
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.sending.addresses.guard import Guard
from app.sending.http.client import HttpClient
from tests.support.many_receivers import Crowd
from tests.support.sending import collect, post

HANGING, FAST = 1100, 100
# Of this process; the receivers run in another.
DESCRIPTORS = HANGING + FAST + 200


@pytest.fixture
def crowd() -> Iterator[Crowd]:
    if resource.getrlimit(resource.RLIMIT_NOFILE)[0] < DESCRIPTORS:
        pytest.skip(f"a process may open fewer than {DESCRIPTORS} files here")
    with Crowd() as receivers:
        yield receivers


def test_1100_hanging_receivers_do_not_delay_fast_ones(guard: Guard, crowd: Crowd) -> None:
    http_client = HttpClient(guard, max_in_flight=HANGING + FAST)
    for tag in range(HANGING):
        http_client.start(post(crowd.hanging), timeout=60, tag=("hanging", tag))
    until = time.monotonic() + 1.0
    while time.monotonic() < until:
        assert http_client.poll(0.1) == []
    assert len(list(Path("/proc/self/fd").iterdir())) > 1024

    for tag in range(FAST):
        http_client.start(post(crowd.fast), timeout=60, tag=("fast", tag))
    finished = []
    while len(finished) < FAST:
        finished += http_client.poll(5)
    assert {outcome.cause for _, outcome in finished} == {"ok"}
    assert http_client.in_flight == HANGING
    http_client.close()


def test_a_thousand_concurrent_requests_reuse_their_connections(guard: Guard, crowd: Crowd) -> None:
    http_client = HttpClient(guard)
    for _ in range(3):
        for tag in range(1000):
            http_client.start(post(crowd.fast), timeout=30, tag=tag)
        assert {outcome.cause for outcome in collect(http_client).values()} == {"ok"}
    assert crowd.connections() <= 1000
    http_client.close()
