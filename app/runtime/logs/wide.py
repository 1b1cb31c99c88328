"""One line with ids and durations for each request, event and attempt.

At high rates only some are written: a line costs more than what it is about. The field `left_out`
says how many lines of its kind were left out before it.
"""

import time
from typing import Any

from app.domain.common.sampling import Sampler
from app.runtime.logs import output
from app.runtime.logs.output import LEVELS

# Lines a second of one kind, in one process. Failures have a bound of their own.
PER_SECOND = 100
_DEBUG, _INFO, _WARNING = (LEVELS[name] for name in ("debug", "info", "warning"))
_NAMES = {number: name for name, number in LEVELS.items()}


class Kind:
    """Requests, events or attempts. `admits` first, then `write`."""

    def __init__(self, message: str) -> None:
        self._message = message
        self._samplers = {level: Sampler(PER_SECOND) for level in (_DEBUG, _INFO, _WARNING)}

    def admits(self, *, failed: bool = False, is_probe: bool = False) -> bool:
        """Whether the next line of this kind is to be written."""
        level = _level(failed=failed, is_probe=is_probe)
        if level < output.current.level:
            return False
        return self._samplers[level].admit(time.monotonic())

    def write(
        self, fields: dict[str, Any], *, failed: bool = False, is_probe: bool = False
    ) -> None:
        """fields: ids, numbers and words that are ours; nothing that may hold a secret."""
        current, level = output.current, _level(failed=failed, is_probe=is_probe)
        line = current.begin(_NAMES[level], self._message)
        line.update(fields)
        left_out = self._samplers[level].take_left_out()
        if left_out:
            line["left_out"] = left_out
        current.write(current.render(line))


def _level(*, failed: bool, is_probe: bool) -> int:
    if failed:
        return _WARNING
    return _DEBUG if is_probe else _INFO


requests, events, attempts = Kind("request"), Kind("event"), Kind("attempt")
