from app.runtime.rate_limits import MAX_BUCKETS, Limiter


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_key_may_make_a_seconds_worth_at_once_and_then_waits() -> None:
    limiter = Limiter(3, Clock())
    assert [limiter.take("k").retry_after for _ in range(4)] == [None, None, None, 1]


def test_the_bucket_fills_again_at_its_rate() -> None:
    clock = Clock()
    limiter = Limiter(2, clock)
    limiter.take("k"), limiter.take("k")
    clock.now += 0.5
    assert limiter.take("k").retry_after is None
    assert limiter.take("k").retry_after == 1


def test_a_refused_request_takes_nothing() -> None:
    clock = Clock()
    limiter = Limiter(1, clock)
    for _ in range(10):
        limiter.take("k")
    clock.now += 1
    assert limiter.take("k").retry_after is None


def test_one_keys_flood_leaves_the_others_alone() -> None:
    limiter = Limiter(1, Clock())
    limiter.take("a"), limiter.take("a")
    assert limiter.take("b").retry_after is None


def test_the_headers_say_what_is_left_and_when_it_is_full() -> None:
    allowance = Limiter(10, Clock()).take("k")
    assert allowance.headers == [
        ("X-RateLimit-Limit", "10"),
        ("X-RateLimit-Remaining", "9"),
        ("X-RateLimit-Reset", "1"),
    ]


def test_memory_is_bounded_by_forgetting_full_buckets() -> None:
    clock = Clock()
    limiter = Limiter(1, clock)
    for n in range(MAX_BUCKETS):
        limiter.take(str(n))
    clock.now += 2
    limiter.take("one more")
    assert len(limiter._buckets) == 1
