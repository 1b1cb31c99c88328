"""Whether the database works, as far as the requests of this process have seen.

While it does not, requests are refused at once instead of each waiting for it; one at a time is let
through to find out whether it is back. The log has one line for each change.
"""

import logging
import threading
import time

_log = logging.getLogger(__name__)

# Between two attempts while the database does not work.
RETRY_SECONDS = 0.25
# After this long without a result another thread may try.
TRY_SECONDS = 2.0


class DatabaseDown(Exception):
    """The database did not work a moment ago."""


class DatabaseState:
    """Any thread may call it. problem: why the database cannot be used; None while it works."""

    def __init__(self) -> None:
        self.problem: str | None = None
        self._is_total = False
        self._mutex = threading.Lock()
        self._since = self._try_at = float("-inf")
        # A new object for each try, known to the thread that makes it.
        self._trying: object | None = None
        self._thread = threading.local()

    def admit(self, *, writes: bool = False) -> None:
        """Call it before using the database. DatabaseDown: another thread is finding out whether it
        is back. writes: as opposed to reading, which a full disk does not prevent."""
        if self.problem is None or not (self._is_total or writes):
            return
        clock, own = time.monotonic(), getattr(self._thread, "trying", None)
        with self._mutex:
            if self.problem is None or (own is not None and self._trying is own):
                return
            if clock < self._try_at:
                raise DatabaseDown(self.problem)
            self._thread.trying = self._trying = object()
            self._try_at = clock + TRY_SECONDS

    def failed(self, problem: str, *, is_total: bool) -> None:
        """Note that it could not be used. is_total: not even for reading."""
        clock = time.monotonic()
        with self._mutex:
            is_new = self.problem is None
            self._is_total = is_total or (self._is_total and not is_new)
            self.problem, self._trying = problem, None
            # One broken connection is no reason to wait.
            self._try_at = clock if is_new else clock + RETRY_SECONDS
            if is_new:
                self._since = clock
        if is_new:
            _log.error("database unavailable (%s); requests are refused until it is back", problem)

    def worked(self, *, wrote: bool) -> None:
        """Note a transaction that ended as it should."""
        if self.problem is None or not (self._is_total or wrote):
            return
        with self._mutex:
            is_back, self.problem = self.problem is not None, None
            self._trying = None
            seconds = time.monotonic() - self._since
        if is_back:
            _log.warning("database available again after %.1f s", seconds)
