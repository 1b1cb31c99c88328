"""New deliveries that other processes announce while the dispatcher runs."""

import threading
from collections.abc import Callable, Collection

from app.engine.shards import Shards
from app.runtime.redis.due_channel import Due

# How often an idle dispatcher reads the due queue: when there is something, while announcements
# arrive, and while they don't.
PENDING_SECONDS, LISTENING_SECONDS, POLLING_SECONDS = 0.001, 0.2, 0.005
# While announcements arrive and other workers are awake, some of which may be too busy.
SHARING_SECONDS = 0.05
# More webhooks than this are looked up in the due queue.
_MAX_NAMED = 1000


class Announcements:
    """Between the listening thread and the dispatcher of one process.

    is_listening: set by the thread that listens: whether announcements arrive at all; without
    them the due queue is polled often.
    is_pending: there are due deliveries that were not named; cleared by the dispatcher before it
    reads the due queue.
    wake: makes the dispatcher's wait return.
    shards: which webhooks are this worker's.
    """

    def __init__(self, wake: Callable[[], None], shards: Shards) -> None:
        self.is_listening = False
        self.shards = shards
        self._wake = wake
        self._mutex = threading.Lock()
        self._is_closed = False
        self._named: set[Due] = set()
        # Announced since the last time that the dispatcher read the due queue.
        self.is_pending = False

    @property
    def is_waiting(self) -> bool:
        """Whether there is something that the dispatcher has not looked at."""
        return self.is_pending or bool(self._named)

    @property
    def read_seconds(self) -> float:
        """How often an idle dispatcher should read the due queue."""
        if self.is_pending:
            return PENDING_SECONDS
        if not self.is_listening:
            return POLLING_SECONDS
        return SHARING_SECONDS if self.shards.is_shared else LISTENING_SECONDS

    def announce(self, due: Collection[Due] = ()) -> None:
        """There are new due rows, already committed. due: their webhooks; none: unknown."""
        with self._mutex:
            if self._is_closed:
                return
            self._named.update(due)
            if not due or len(self._named) > _MAX_NAMED:
                self._named.clear()
                self.is_pending = True
            self._wake()

    def take_named(self) -> Collection[Due]:
        """The webhooks that were named since the last call."""
        if not self._named:
            return ()
        with self._mutex:
            named, self._named = self._named, set()
        return named

    def close(self) -> None:
        """From here on `wake` is not called."""
        with self._mutex:
            self._is_closed = True
