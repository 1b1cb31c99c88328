"""The bell between those who publish and those who send."""

import json
import time
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from app.runtime.wakeup import _MOST_WAITING, JOB, WakeUp, queue_on
from tests.support.waiting import eventually


@pytest.fixture
def server(redis_url: str) -> Iterator[redis.Redis]:
    with redis.Redis.from_url(redis_url) as client:
        yield client


@pytest.fixture
def bell(redis_url: str) -> WakeUp:
    return WakeUp(redis_url)


def _waiting(server: redis.Redis) -> int:
    return int(queue_on(server).count)


def _settle() -> None:
    """Longer than a ring takes, so that one too many would be seen."""
    settled = time.monotonic() + 0.1
    eventually(lambda: time.monotonic() > settled)


def test_rings_bring_one_worker_until_it_has_come(server: redis.Redis, bell: WakeUp) -> None:
    for _ in range(5):
        bell.notify()
    eventually(lambda: _waiting(server) == 1)
    bell.notify()
    _settle()
    assert _waiting(server) == 1
    bell.acknowledge()
    bell.notify()
    eventually(lambda: _waiting(server) == 2)


def test_no_more_wait_than_would_find_something_to_do(server: redis.Redis, bell: WakeUp) -> None:
    for number in range(_MOST_WAITING):
        queue_on(server).enqueue(JOB, job_id=str(number))
    bell.notify()
    eventually(lambda: server.exists("callboard:bell") == 1)
    _settle()
    assert _waiting(server) == _MOST_WAITING


def test_what_lies_in_redis_is_a_name_and_no_code(server: redis.Redis, bell: WakeUp) -> None:
    bell.notify()
    eventually(lambda: _waiting(server) == 1)
    [job_id] = queue_on(server).job_ids
    data = server.hget(f"rq:job:{job_id}", "data")
    assert json.loads(zlib.decompress(data)) == [JOB, None, [], {}]


def test_ringing_without_a_redis_takes_no_time_and_raises_nothing(tmp_path: Path) -> None:
    bell = WakeUp(f"unix://{tmp_path}/none.sock")
    before = time.monotonic()
    for _ in range(100):
        bell.notify()
    bell.acknowledge()
    assert time.monotonic() - before < 1.0
