from app.runtime.look_up_cache import LookUpCache


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_value_is_looked_up_once_until_it_expires() -> None:
    clock = Clock()
    cache: LookUpCache[int] = LookUpCache(1.0, clock)
    assert cache.get("key", lambda: 1) == 1
    assert cache.get("key", lambda: 2) == 1
    clock.now = 1.0
    assert cache.get("key", lambda: 3) == 3


def test_none_is_not_cached() -> None:
    cache: LookUpCache[int] = LookUpCache(1.0)
    assert cache.get("key", lambda: None) is None
    assert cache.get("key", lambda: 1) == 1


def test_clear_drops_everything() -> None:
    cache: LookUpCache[int] = LookUpCache(60.0)
    cache.get("key", lambda: 1)
    cache.clear()
    assert cache.get("key", lambda: 2) == 2


def test_a_look_up_that_began_before_clear_is_not_cached() -> None:
    cache: LookUpCache[int] = LookUpCache(60.0)

    def look_up() -> int:
        cache.clear()
        return 1

    assert cache.get("key", look_up) == 1
    assert cache.get("key", lambda: 2) == 2


def test_a_value_that_was_found_elsewhere_replaces_an_older_one() -> None:
    cache: LookUpCache[int] = LookUpCache(60.0)
    cache.get("key", lambda: 1)
    cache.put("key", 2)
    assert cache.get("key", lambda: 3) == 2


def test_a_look_up_that_began_before_another_value_was_put_does_not_replace_it() -> None:
    cache: LookUpCache[int] = LookUpCache(60.0)

    def look_up() -> int:
        cache.put("key", 2)
        return 1

    assert cache.get("key", look_up) == 1
    assert cache.get("key", lambda: 3) == 2
