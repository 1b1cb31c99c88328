"""Beyond the 1,024 descriptors that `select` can see."""

import resource
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.sending.addresses.guard import Guard
from app.sending.http.client import HttpClient
from tests.support.crowd import Crowd
from tests.support.sending import collect, post

HANGING, FAST = 1100, 100
# This process's own; the receivers' are another's.
DESCRIPTORS = HANGING + FAST + 200


@pytest.fixture
def crowd() -> Iterator[Crowd]:
    if resource.getrlimit(resource.RLIMIT_NOFILE)[0] < DESCRIPTORS:
        pytest.skip(f"this machine lets a process have fewer than {DESCRIPTORS} descriptors")
    with Crowd() as made:
        yield made


def test_fast_receivers_are_served_beside_1100_that_hang(guard: Guard, crowd: Crowd) -> None:
    http_client = HttpClient(guard, max_in_flight=HANGING + FAST)
    for tag in range(HANGING):
        http_client.start(post(crowd.hanging), timeout=60, tag=("hanging", tag))
    until = time.monotonic() + 1.0
    while time.monotonic() < until:
        assert http_client.poll(0.1) == []
    assert len(list(Path("/proc/self/fd").iterdir())) > 1024

    began = time.monotonic()
    for tag in range(FAST):
        http_client.start(post(crowd.fast), timeout=60, tag=("fast", tag))
    finished = []
    while len(finished) < FAST:
        finished += http_client.poll(5)
    assert {outcome.cause for _, outcome in finished} == {"ok"}
    assert time.monotonic() - began < 2
    assert http_client.in_flight == HANGING
    http_client.close()


def test_a_thousand_at_once_are_all_answered_and_their_connections_kept(
    guard: Guard, crowd: Crowd
) -> None:
    http_client = HttpClient(guard)
    for _ in range(3):
        for tag in range(1000):
            http_client.start(post(crowd.fast), timeout=30, tag=tag)
        assert {outcome.cause for outcome in collect(http_client).values()} == {"ok"}
    assert crowd.connections() <= 1000
    http_client.close()
