"""Wait for a condition."""

import time
from collections.abc import Callable


def eventually(condition: Callable[[], bool], seconds: float = 15.0, every: float = 0.02) -> None:
    """Return as soon as the condition is true; AssertionError after `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(every)
