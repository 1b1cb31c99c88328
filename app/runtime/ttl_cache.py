"""What was just looked up, kept for a moment in this process's memory."""

import time
from collections.abc import Callable
from typing import Generic, TypeVar

# Beyond this many all are forgotten and looked up again.
MAX_REMEMBERED = 10_000

T = TypeVar("T")


class TtlCache(Generic[T]):
    """Keeps what was found for `seconds`; what was not found is looked up each time."""

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._clock = clock
        self._kept: dict[object, tuple[float, T]] = {}
        # Raised by `forget`, so that a look-up that began before it is not kept after it.
        self._serial = 0

    def get(self, key: object, look_up: Callable[[], T | None]) -> T | None:
        now = self._clock()
        kept = self._kept.get(key)
        if kept is not None and now < kept[0]:
            return kept[1]
        serial = self._serial
        found = look_up()
        if found is not None and serial == self._serial:
            if len(self._kept) >= MAX_REMEMBERED:
                self._kept = {}
            self._kept[key] = (now + self._seconds, found)
        return found

    def forget(self) -> None:
        self._serial += 1
        self._kept = {}
