import logging

import pytest
from limits.storage import MemoryStorage, RedisStorage, Storage

from app.runtime.limits import storage as limit_storage
from app.runtime.limits.storage import LimitStorage
from app.runtime.wakeup import client


def kind(storage: Storage) -> type[Storage]:
    storage.get("key")
    return type(storage)


def test_redis_is_used_while_it_is_available(redis_url: str) -> None:
    assert LimitStorage(client(redis_url)).use(kind) is RedisStorage


def test_memory_is_used_without_redis_and_the_log_says_so_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    storage = LimitStorage(client("redis://127.0.0.1:1"))
    with caplog.at_level(logging.WARNING):
        assert [storage.use(kind) for _ in range(3)] == [MemoryStorage] * 3
    assert [record.message.partition(" (")[0] for record in caplog.records] == ["Redis unavailable"]


def test_redis_is_retried_after_a_while(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    connection = client(redis_url)
    storage = LimitStorage(connection)
    pool = connection.connection_pool
    path, pool.connection_kwargs["path"] = pool.connection_kwargs["path"], "/nowhere"
    assert storage.use(kind) is MemoryStorage
    pool.connection_kwargs["path"] = path
    pool.reset()
    assert storage.use(kind) is MemoryStorage
    storage._retry_at = 0.0
    assert storage.use(kind) is RedisStorage
    monkeypatch.setattr(limit_storage, "RETRY_SECONDS", 0.0)
    assert storage.use(kind) is RedisStorage
