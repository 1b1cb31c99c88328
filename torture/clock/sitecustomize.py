"""Let the wall clock of a process differ from the machine's by what a file says.

Python imports this module at its start when its folder is on PYTHONPATH. The monotonic clock keeps
its pace, as when the real clock is set. (libfaketime 0.9.10 makes `time.sleep` fail with EINVAL.)
"""

import os
import time
from contextlib import suppress
from pathlib import Path

_FILE = os.environ.get("TORTURE_CLOCK")
# How old the offset may be.
_SECONDS = 0.1

if _FILE:
    _path, _real, _real_ns = Path(_FILE), time.time, time.time_ns
    _known = [float("-inf"), 0]

    def _offset() -> int:
        clock = time.monotonic()
        if clock - _known[0] > _SECONDS:
            _known[0] = clock
            with suppress(OSError, ValueError):
                _known[1] = int(_path.read_text())
        return int(_known[1])

    time.time = lambda: _real() + _offset()
    time.time_ns = lambda: _real_ns() + _offset() * 1_000_000_000
