"""How many wrong tries are taken before somebody has to wait: counted in this process."""

import threading
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass

# Beyond it the one who tried longest ago is forgotten, so that memory is bounded.
MAX_TRACKED = 20_000


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `tries` for one `name` within `window_ms` of the first."""

    name: str
    tries: int
    window_ms: int


class Patience:
    """Counts tries by (limit, subject)."""

    def __init__(self) -> None:
        self._mutex = threading.Lock()
        self._tries: OrderedDict[tuple[str, str], tuple[int, int]] = OrderedDict()

    def take(self, subjects: Iterable[tuple[Limit, str]], now: int) -> int:
        """Count a try for each subject, before its outcome is known, so that tries at the same
        time count too. Milliseconds to wait, 0 when it may go on; a refused try is not counted."""
        subjects = list(subjects)
        with self._mutex:
            wait = max((self._wait(limit, who, now) for limit, who in subjects), default=0)
            if not wait:
                for limit, who in subjects:
                    self._count(limit, who, now)
        return wait

    def forget(self, subjects: Iterable[tuple[Limit, str]]) -> None:
        """A try came out well: its subjects start afresh."""
        with self._mutex:
            for limit, who in subjects:
                self._tries.pop((limit.name, who), None)

    def _wait(self, limit: Limit, who: str, now: int) -> int:
        since, tries = self._tries.get((limit.name, who), (now, 0))
        return max(0, since + limit.window_ms - now) if tries >= limit.tries else 0

    def _count(self, limit: Limit, who: str, now: int) -> None:
        key = (limit.name, who)
        since, tries = self._tries.pop(key, (now, 0))
        expired = now - since >= limit.window_ms
        self._tries[key] = (now, 1) if expired else (since, tries + 1)
        if len(self._tries) > MAX_TRACKED:
            self._tries.popitem(last=False)
