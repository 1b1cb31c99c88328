"""New deliveries that other processes announce while the dispatcher runs."""

import threading
from collections.abc import Callable

# How often an idle dispatcher reads the due queue: when there is something, while announcements
# arrive, and while they don't.
PENDING_SECONDS, LISTENING_SECONDS, POLLING_SECONDS = 0.001, 0.05, 0.005


class Announcements:
    """Between the listening thread and the dispatcher of one process.

    is_listening: set by the thread that listens: whether announcements arrive at all; without
    them the due queue is polled often.
    is_pending: cleared by the dispatcher before it reads the due queue.
    wake: makes the dispatcher's wait return.
    """

    def __init__(self, wake: Callable[[], None]) -> None:
        self.is_listening = False
        self._wake = wake
        self._mutex = threading.Lock()
        self._is_closed = False
        # Announced since the last time that the dispatcher read the due queue.
        self.is_pending = False

    @property
    def read_seconds(self) -> float:
        """How often an idle dispatcher should read the due queue."""
        if self.is_pending:
            return PENDING_SECONDS
        return LISTENING_SECONDS if self.is_listening else POLLING_SECONDS

    def announce(self) -> None:
        """There are new due rows, already committed."""
        with self._mutex:
            if not self._is_closed:
                self.is_pending = True
                self._wake()

    def close(self) -> None:
        """From here on `wake` is not called."""
        with self._mutex:
            self._is_closed = True
