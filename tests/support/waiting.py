"""Waiting for what comes by itself."""

import time
from collections.abc import Callable


def eventually(condition: Callable[[], bool], seconds: float = 15.0, every: float = 0.02) -> None:
    """Return as soon as it holds; AssertionError after `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(every)
