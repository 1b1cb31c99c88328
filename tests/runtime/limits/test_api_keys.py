import pytest
import redis

from app.runtime.limits.api_keys import MAX_KEYS, RateLimiter
from app.runtime.limits.storage import LimitStorage
from app.runtime.wakeup import client

# Longer than any test takes.
HOUR = 3600


def storage_on(url: str) -> LimitStorage:
    return LimitStorage(client(url))


@pytest.fixture
def storage(redis_url: str) -> LimitStorage:
    return storage_on(redis_url)


def allowed(limiter: RateLimiter, number: int, key: str = "key") -> int:
    return sum(limiter.take(key).retry_after is None for _ in range(number))


def test_a_key_gets_as_many_requests_as_the_rate(storage: LimitStorage) -> None:
    limiter = RateLimiter(storage, "api", 3, HOUR)
    assert [limiter.take("key").retry_after for _ in range(4)] == [None, None, None, HOUR]


def test_all_processes_share_the_limit(redis_url: str) -> None:
    limiters = [RateLimiter(storage_on(redis_url), "api", 500, HOUR) for _ in range(3)]
    # Blocks of 21 tokens: the last two processes may each hold the rest of one.
    assert 500 - 2 * 20 <= sum(allowed(limiter, 400) for limiter in limiters) <= 500


def test_tokens_held_by_other_processes_leave_at_least_100_requests(redis_url: str) -> None:
    for rate in (100, 150, 2000):
        limiters = [RateLimiter(storage_on(redis_url), f"r{rate}", rate, HOUR) for _ in range(20)]
        held = sum(allowed(limiter, 1) for limiter in limiters[1:])
        assert held + allowed(limiters[0], rate) >= 100


def test_most_requests_need_no_round_trip(
    storage: LimitStorage, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    limiter = RateLimiter(storage, "api", 2000, HOUR)
    with redis.Redis.from_url(redis_url) as server:
        limiter.take("key")
        before = server.info("commandstats")["cmdstat_evalsha"]["calls"]
        assert allowed(limiter, 1919) == 1919
        after = server.info("commandstats")["cmdstat_evalsha"]["calls"]
    assert after - before == 19


def test_the_window_ends(storage: LimitStorage, redis_url: str) -> None:
    limiter = RateLimiter(storage, "api", 2, HOUR)
    assert allowed(limiter, 3) == 2
    with redis.Redis.from_url(redis_url) as server:
        [key] = server.keys("callboard:limits:*")
        assert HOUR - 60 < server.ttl(key) <= HOUR
        server.delete(key)
    assert allowed(RateLimiter(storage, "api", 2, HOUR), 1) == 1


def test_an_exhausted_key_leaves_the_others_alone(storage: LimitStorage) -> None:
    limiter = RateLimiter(storage, "api", 1, HOUR)
    assert allowed(limiter, 5, "a") == 1
    assert allowed(limiter, 5, "b") == 1


def test_the_headers_state_the_limit_and_the_remaining_requests(storage: LimitStorage) -> None:
    limiter = RateLimiter(storage, "api", 2000)
    limiter.take("key")
    assert limiter.take("key").headers == [
        ("X-RateLimit-Limit", "2000"),
        ("X-RateLimit-Remaining", "1998"),
        ("X-RateLimit-Reset", "1"),
    ]


def test_without_redis_the_limit_applies_per_process() -> None:
    limiter = RateLimiter(storage_on("redis://127.0.0.1:1"), "api", 3, HOUR)
    assert allowed(limiter, 5) == 3


def test_the_number_of_keys_in_memory_is_bounded() -> None:
    limiter = RateLimiter(storage_on("redis://127.0.0.1:1"), "api", 1, 0)
    for number in range(MAX_KEYS + 1):
        limiter._blocks[str(number)] = limiter._new_block(str(number), float(number))
    assert len(limiter._blocks) == 1
