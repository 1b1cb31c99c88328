"""Beyond the 1,024 descriptors that `select` can see."""

import resource
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.sending.addresses.guard import Guard
from app.sending.http.client import Wire
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
    wire = Wire(guard, max_in_flight=HANGING + FAST)
    for tag in range(HANGING):
        wire.start(post(crowd.hanging), timeout=60, tag=("hanging", tag))
    until = time.monotonic() + 1.0
    while time.monotonic() < until:
        assert wire.poll(0.1) == []
    assert len(list(Path("/proc/self/fd").iterdir())) > 1024

    began = time.monotonic()
    for tag in range(FAST):
        wire.start(post(crowd.fast), timeout=60, tag=("fast", tag))
    finished = []
    while len(finished) < FAST:
        finished += wire.poll(5)
    assert {outcome.cause for _, outcome in finished} == {"ok"}
    assert time.monotonic() - began < 2
    assert wire.in_flight == HANGING
    wire.close()


def test_a_thousand_at_once_are_all_answered_and_their_connections_kept(
    guard: Guard, crowd: Crowd
) -> None:
    wire = Wire(guard)
    for _ in range(3):
        for tag in range(1000):
            wire.start(post(crowd.fast), timeout=30, tag=tag)
        assert {outcome.cause for outcome in collect(wire).values()} == {"ok"}
    assert crowd.connections() <= 1000
    wire.close()
