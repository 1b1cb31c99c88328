"""Requests that wait for an announcement, without a thread for each."""

import asyncio
import contextlib
from collections.abc import Callable
from functools import partial

from app.domain.common.errors import Unavailable
from app.http.front.arrived import Reply
from app.http.front.pool import Full, Pool
from app.http.kernel import Exchange
from app.http.messages import Response, Waiting
from app.runtime.relaying.topics import Topics

Send = Callable[[Response, Reply], None]
_BUSY = "Too many requests are waiting. Retry the request."


class WaitingRequest:
    """is_looking: a thread looks whether there is a response. looks_again: something was announced
    meanwhile."""

    def __init__(self, exchange: Exchange, waiting: Waiting, reply: Reply) -> None:
        self.exchange, self.waiting, self.reply = exchange, waiting, reply
        self.is_looking = self.looks_again = self.is_late = False
        self.timer: asyncio.TimerHandle | None = None
        self.end: Callable[[], None] = lambda: None


class WaitingRequests:
    """All methods are for the event loop's thread. send: takes each response."""

    def __init__(
        self, topics: Topics, loop: asyncio.AbstractEventLoop, pool: Pool, send: Send
    ) -> None:
        self._topics, self._loop, self._pool, self._send = topics, loop, pool, send
        self._requests: set[WaitingRequest] = set()

    def __len__(self) -> int:
        return len(self._requests)

    def add(self, exchange: Exchange, waiting: Waiting, reply: Reply) -> None:
        request = WaitingRequest(exchange, waiting, reply)
        self._requests.add(request)
        request.end = self._topics.watch(waiting.topic, partial(self._announced, request))
        request.timer = self._loop.call_later(waiting.seconds, self._expire, request)
        self._look(request)

    def stop(self) -> None:
        """The process ends soon."""
        for request in list(self._requests):
            if request.waiting.ends_at_stop:
                self._expire(request)

    def _announced(self, request: WaitingRequest) -> None:
        """Called in another thread."""
        with contextlib.suppress(RuntimeError):
            # The loop may have been closed meanwhile.
            self._loop.call_soon_threadsafe(self._look, request)

    def _expire(self, request: WaitingRequest) -> None:
        request.is_late = True
        self._look(request)

    def _look(self, request: WaitingRequest) -> None:
        if request not in self._requests:
            return
        if request.is_looking:
            request.looks_again = True
            return
        request.is_looking, request.looks_again = True, False
        try:
            self._pool.run(partial(self._look_in_thread, request, request.is_late))
        except Full:
            self._forget(request)
            self._send(request.exchange.refuse(Unavailable(_BUSY)), request.reply)

    def _look_in_thread(self, request: WaitingRequest, is_late: bool) -> None:
        response = None
        is_gone = request.reply.is_gone
        if not is_gone:
            # What a client that has left would take is for its next request.
            response = request.exchange.look(request.waiting)
        if response is None and (is_late or is_gone):
            response = request.exchange.look(request.waiting, is_late=True)
        self._loop.call_soon_threadsafe(self._looked, request, response)

    def _looked(self, request: WaitingRequest, response: Response | None) -> None:
        request.is_looking = False
        if response is not None:
            self._forget(request)
            self._send(response, request.reply)
        elif request.looks_again or request.is_late:
            self._look(request)

    def _forget(self, request: WaitingRequest) -> None:
        self._requests.discard(request)
        request.end()
        request.waiting.close()
        if request.timer is not None:
            request.timer.cancel()
