"""How far a page of a search goes: by the time that its steps take."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

# Rows that a step examines: the first one, at least, and at most. A step that follows examines at
# most so many times as many. The most is what rows may take that, unlike those before, come from
# the disk.
FIRST, LEAST, MOST = 500, 250, 5_000
GROWTH = 2
# What the steps of a first page take together, and of one that goes on where nothing was found.
FIRST_SECONDS, NEXT_SECONDS = 0.03, 0.05


@dataclass(frozen=True, slots=True)
class Pace:
    """clock: monotonic. deadline: of that clock. A step may end after it, because the next rows can
    be slower to read than those before; it should end early then."""

    clock: Callable[[], float]
    began: float
    deadline: float

    @classmethod
    def starting(cls, *, is_first: bool, clock: Callable[[], float] = time.monotonic) -> "Pace":
        now = clock()
        return cls(clock, now, now + (FIRST_SECONDS if is_first else NEXT_SECONDS))

    @property
    def is_over(self) -> bool:
        return self.clock() >= self.deadline

    def steps(self) -> Iterator[int]:
        """Rows to examine in each step, at least one, until the time is over. A cheap filter soon
        examines many at once; a costly one, or a cold cache, few."""
        size, before = FIRST, self.began
        while True:
            yield size
            now = self.clock()
            took, before = max(now - before, 1e-6), now
            size = min(MOST, size * GROWTH, int(size * (self.deadline - now) / took))
            if size < LEAST:
                return
