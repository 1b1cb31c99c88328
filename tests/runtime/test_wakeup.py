"""Wake-ups through Redis."""

import json
import time
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from app.runtime.redis.due_channel import CHANNEL
from app.runtime.wakeup import _MAX_JOBS, JOB, WakeUp, queue_on
from tests.support.waiting import eventually


@pytest.fixture
def server(redis_url: str) -> Iterator[redis.Redis]:
    with redis.Redis.from_url(redis_url) as client:
        yield client


@pytest.fixture
def wake_up(redis_url: str) -> WakeUp:
    return WakeUp(redis_url)


def _count(server: redis.Redis) -> int:
    return int(queue_on(server).count)


def _wait_for_more() -> None:
    """Longer than a notification takes, so that one too many would be seen."""
    deadline = time.monotonic() + 0.1
    eventually(lambda: time.monotonic() > deadline)


def test_notifications_enqueue_one_job_until_it_is_acknowledged(
    server: redis.Redis, wake_up: WakeUp
) -> None:
    for _ in range(5):
        wake_up.notify()
    eventually(lambda: _count(server) == 1)
    wake_up.notify()
    _wait_for_more()
    assert _count(server) == 1
    wake_up.acknowledge("this")
    wake_up.notify()
    eventually(lambda: _count(server) == 2)


def test_every_notification_is_published(server: redis.Redis, wake_up: WakeUp) -> None:
    with server.pubsub(ignore_subscribe_messages=True) as channel:
        channel.subscribe(CHANNEL)
        for _ in range(2):
            wake_up.notify()
            eventually(lambda: channel.get_message() is not None)


def test_the_number_of_jobs_is_bounded(server: redis.Redis, wake_up: WakeUp) -> None:
    for number in range(_MAX_JOBS):
        queue_on(server).enqueue(JOB, job_id=str(number))
    wake_up.notify()
    eventually(lambda: server.exists("callboard:bell") == 1)
    _wait_for_more()
    assert _count(server) == _MAX_JOBS


def test_a_job_holds_a_name_and_no_code(server: redis.Redis, wake_up: WakeUp) -> None:
    wake_up.notify()
    eventually(lambda: _count(server) == 1)
    [job_id] = queue_on(server).job_ids
    data = server.hget(f"rq:job:{job_id}", "data")
    assert json.loads(zlib.decompress(data)) == [JOB, None, [], {}]


def test_without_redis_a_notification_is_fast_and_raises_nothing(tmp_path: Path) -> None:
    wake_up = WakeUp(f"unix://{tmp_path}/none.sock")
    before = time.monotonic()
    for _ in range(100):
        wake_up.notify()
    wake_up.acknowledge("this")
    assert time.monotonic() - before < 5.0
