"""RQ as the source of wake-ups, with a real Redis."""

import logging
import time
from collections.abc import Iterator

import pytest
import redis
from rq import Worker

from app.domain.common.ids import new_id
from app.runtime.wakeup import BULK_JOB, JOB, WakeUp, queue_on
from app.worker.rq_queue import RqQueue


@pytest.fixture
def server(redis_url: str) -> Iterator[redis.Redis]:
    with redis.Redis.from_url(redis_url) as client:
        yield client


@pytest.fixture
def started() -> list[str]:
    """Ids of the jobs of bulk work that were started."""
    return []


@pytest.fixture
def wake_ups(redis_url: str, started: list[str]) -> Iterator[RqQueue]:
    queue = RqQueue(redis_url, started.append)
    yield queue
    queue.close()


@pytest.mark.parametrize("name", [JOB, "app.jobs.drain"])
def test_a_job_wakes_the_worker_and_leaves_nothing_behind(
    name: str, server: redis.Redis, wake_ups: RqQueue
) -> None:
    job = queue_on(server).enqueue(name)
    assert wake_ups.wait_for_wakeup(1.0)
    assert queue_on(server).count == 0
    assert not server.exists(f"rq:job:{job.id}", queue_on(server).intermediate_queue_key)


def test_without_a_job_the_wait_ends_at_the_timeout(wake_ups: RqQueue) -> None:
    before = time.monotonic()
    assert not wake_ups.wait_for_wakeup(0.1)
    assert time.monotonic() - before >= 0.1


def test_a_job_with_an_unknown_function_is_dropped_and_never_imported(
    server: redis.Redis, wake_ups: RqQueue, caplog: pytest.LogCaptureFixture
) -> None:
    queue_on(server).enqueue("this.would.fail")
    with caplog.at_level(logging.WARNING):
        assert not wake_ups.wait_for_wakeup(1.0)
    assert "unknown function 'this.would.fail'" in caplog.text
    queue_on(server).enqueue(JOB)
    assert wake_ups.wait_for_wakeup(1.0)


def test_a_job_of_bulk_work_is_started_by_its_id(
    redis_url: str, server: redis.Redis, wake_ups: RqQueue, started: list[str]
) -> None:
    job_id = new_id()
    WakeUp(redis_url).start_job(job_id)
    deadline = time.monotonic() + 30
    while not started and time.monotonic() < deadline:
        wake_ups.wait_for_wakeup(0.5)
    assert started == [job_id]


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ([], {}),
        (["x"], {}),
        ([7], {}),
        ([None], {}),
        (["0198C1F0-6E1F-7C3A-9B1E-2F0C5A7D4E11"], {}),
        (["0198c1f0-6e1f-7c3a-9b1e-2f0c5a7d4e11", 1], {}),
        (["0198c1f0-6e1f-7c3a-9b1e-2f0c5a7d4e11"], {"more": 1}),
    ],
)
def test_bulk_work_with_invalid_arguments_is_dropped(  # noqa: PLR0917 - fixtures and a case
    server: redis.Redis,
    wake_ups: RqQueue,
    started: list[str],
    caplog: pytest.LogCaptureFixture,
    arguments: list[object],
    named: dict[str, int],
) -> None:
    queue_on(server).enqueue_call(BULK_JOB, args=arguments, kwargs=named)
    with caplog.at_level(logging.WARNING):
        assert not wake_ups.wait_for_wakeup(1.0)
    assert "invalid arguments" in caplog.text
    assert started == []
    assert queue_on(server).count == 0


def test_a_damaged_job_is_dropped(server: redis.Redis, wake_ups: RqQueue) -> None:
    job = queue_on(server).enqueue(JOB)
    server.hset(f"rq:job:{job.id}", "data", b"not JSON")
    assert not wake_ups.wait_for_wakeup(1.0)
    server.lpush(queue_on(server).key, "no-such-job")
    assert not wake_ups.wait_for_wakeup(1.0)
    assert queue_on(server).count == 0


def test_rq_lists_the_worker_until_it_closes(server: redis.Redis, wake_ups: RqQueue) -> None:
    queue_on(server).enqueue(JOB)
    wake_ups.wait_for_wakeup(1.0)
    [worker] = Worker.all(connection=server)
    assert worker.successful_job_count == 1
    wake_ups.close()
    assert Worker.all(connection=server) == []


def test_without_redis_the_worker_polls_and_says_so(caplog: pytest.LogCaptureFixture) -> None:
    wake_ups = RqQueue("redis://127.0.0.1:1", lambda _: None)
    before = time.monotonic()
    with caplog.at_level(logging.WARNING):
        assert not any(wake_ups.wait_for_wakeup(30.0) for _ in range(3))
    assert time.monotonic() - before < 25.0
    assert caplog.text.count("polling the database") == 1
