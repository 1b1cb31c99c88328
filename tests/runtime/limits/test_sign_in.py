import pytest
import redis

from app.runtime.limits.sign_in import Limit, SignInLimiter
from app.runtime.limits.storage import LimitStorage
from app.runtime.wakeup import client

LIMIT = Limit("pair", 3, 3600)
ADA = [(LIMIT, "ada@example.com")]
BOB = [(LIMIT, "bob@example.com")]


@pytest.fixture(params=["redis", "memory"])
def limiter(request: pytest.FixtureRequest, redis_url: str) -> SignInLimiter:
    url = redis_url if request.param == "redis" else "redis://127.0.0.1:1"
    # A busy machine may take longer than sign-in waits.
    return SignInLimiter(LimitStorage(client(url, timeout=45)))


def test_attempts_beyond_the_limit_wait_for_the_end_of_the_window(limiter: SignInLimiter) -> None:
    assert [limiter.take(ADA) for _ in range(3)] == [0, 0, 0]
    assert 3590 <= limiter.take(ADA) <= 3600


def test_one_exhausted_subject_rejects_the_attempt_and_counts_for_no_other(
    limiter: SignInLimiter,
) -> None:
    for _ in range(3):
        limiter.take(ADA)
    assert [limiter.take([*BOB, *ADA]) > 0 for _ in range(5)] == [True] * 5
    assert [limiter.take(BOB) for _ in range(3)] == [0, 0, 0]


def test_a_reset_starts_the_count_anew(limiter: SignInLimiter) -> None:
    for _ in range(3):
        limiter.take(ADA)
    limiter.reset(ADA)
    assert limiter.take(ADA) == 0


def test_all_processes_share_the_limit(redis_url: str) -> None:
    processes = [SignInLimiter(LimitStorage(client(redis_url))) for _ in range(2)]
    assert [processes[number % 2].take(ADA) > 0 for number in range(4)] == [False] * 3 + [True]


def test_redis_holds_no_addresses(redis_url: str) -> None:
    SignInLimiter(LimitStorage(client(redis_url))).take(ADA)
    with redis.Redis.from_url(redis_url) as server:
        keys = b" ".join(server.keys("*"))
    assert keys.startswith(b"callboard:limits")
    assert b"ada" not in keys
