"""Wait for a condition."""

import time
from collections.abc import Callable

# Only waited for by a test that fails: a busy machine may stand still for some seconds.
PATIENCE_SECONDS = 45.0


def eventually(
    condition: Callable[[], bool], seconds: float = PATIENCE_SECONDS, every: float = 0.02
) -> None:
    """Return as soon as the condition is true; AssertionError after `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(every)
