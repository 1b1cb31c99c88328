"""A response of any length, written by a thread at the speed of its client."""

import asyncio
import threading

from app.http.front.arrived import Headers, Reply

# Parts on their way from the thread to the event loop.
_PARTS = 4


class ClientGone(ConnectionError):
    """The client has disconnected."""


class Stream:
    """`begin`, `write` and `end` belong to the thread, the other methods to the event loop.
    seconds: after this time without progress the connection is closed."""

    def __init__(self, loop: asyncio.AbstractEventLoop, reply: Reply, seconds: float) -> None:
        self._loop, self._reply, self._seconds = loop, reply, seconds
        self._parts = threading.Semaphore(_PARTS)
        self._has_room = threading.Event()
        self._has_room.set()
        self._is_lost = False
        self.is_chunked = False

    def begin(self, status: int, phrase: str, headers: Headers) -> None:
        self._loop.call_soon_threadsafe(self._reply.start, self, status, headers, phrase)

    def write(self, data: bytes) -> None:
        """Wait until there is room for it. ClientGone."""
        is_taken = self._parts.acquire(timeout=self._seconds)
        if not (is_taken and self._has_room.wait(self._seconds)) or self._is_lost:
            raise ClientGone
        self._loop.call_soon_threadsafe(self._write, data)

    def end(self, *, is_broken: bool = False) -> None:
        self._loop.call_soon_threadsafe(self._end, is_broken)

    def on_pause(self) -> None:
        self._has_room.clear()

    def on_resume(self) -> None:
        self._has_room.set()

    def on_lost(self) -> None:
        self._is_lost = True
        self._has_room.set()

    def _write(self, data: bytes) -> None:
        self._parts.release()
        if not self._is_lost:
            framed = b"%x\r\n%b\r\n" % (len(data), data) if self.is_chunked else data
            self._reply.write(framed)

    def _end(self, is_broken: bool) -> None:
        if self._is_lost:
            return
        if self.is_chunked and not is_broken:
            self._reply.write(b"0\r\n\r\n")
        self._reply.end(is_broken=is_broken)
