"""Requests that wait for the commit of their events, and the response if it does not happen."""

import asyncio
from collections.abc import Callable, Sequence

from app.domain.common.errors import Unavailable
from app.http.front.arrived import Reply
from app.http.kernel import Exchange
from app.runtime.context import Runtime
from app.services.events.group_commit import Entry

# How often the times are looked at, in seconds.
_TICK = 0.2
_NOT_STORED = "The database does not respond; the event was not stored. Retry the request."
_UNKNOWN = (
    "The database does not respond; it is unknown whether the event was stored. Retry the request"
    " with the same id or Idempotency-Key."
)

Complete = Callable[[Exchange, Reply, object], None]


class PendingRequests:
    """seconds: how long one waits. complete: called with the outcome of each, in the loop's
    thread. A stopped disk or database thus costs a client no more than this time."""

    def __init__(
        self,
        runtime: Runtime,
        loop: asyncio.AbstractEventLoop,
        seconds: float,
        complete: Complete,
    ) -> None:
        self._runtime, self._loop, self._seconds = runtime, loop, seconds
        self._complete = complete
        # In the order of arrival: when it came, and who waits.
        self._waiting: dict[Entry, tuple[float, Exchange, Reply]] = {}
        self._timer: asyncio.TimerHandle | None = None

    def add(self, entry: Entry, exchange: Exchange, reply: Reply) -> None:
        self._waiting[entry] = (self._loop.time(), exchange, reply)
        if self._timer is None:
            self._timer = self._loop.call_later(_TICK, self._look_at_times)

    def receive(self, entries: Sequence[Entry]) -> None:
        """Called by the committing thread, once for a group."""
        self._loop.call_soon_threadsafe(self._receive, entries)

    def _receive(self, entries: Sequence[Entry]) -> None:
        for entry in entries:
            waiting = self._waiting.pop(entry, None)
            if waiting is not None:
                _, exchange, reply = waiting
                self._complete(exchange, reply, entry.result)

    def _look_at_times(self) -> None:
        too_old = self._loop.time() - self._seconds
        late = [entry for entry, (since, _, _) in self._waiting.items() if since < too_old]
        for entry in late:
            _, exchange, reply = self._waiting.pop(entry)
            is_withdrawn = self._runtime.group_commit.withdraw(entry)
            self._complete(exchange, reply, Unavailable(_NOT_STORED if is_withdrawn else _UNKNOWN))
        self._timer = None
        if self._waiting:
            self._timer = self._loop.call_later(_TICK, self._look_at_times)
