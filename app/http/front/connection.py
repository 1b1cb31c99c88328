"""One connection of a client: requests are read whole, and handled one after the other.

The header, the body, the time between two requests and the taking of a response have deadlines.
"""

import asyncio
from enum import Enum, auto
from typing import TYPE_CHECKING, Any

from app.http.front import responses
from app.http.front.arrived import Arrived, Headers
from app.http.front.reading import Reader, Refused

if TYPE_CHECKING:
    from app.http.front.server import Server
    from app.http.front.stream import Stream

# Bytes of the next requests that are kept while one is handled.
_AHEAD = 64 << 10


class State(Enum):
    IDLE = auto()  # between two requests
    READING = auto()
    HANDLING = auto()
    TAKING = auto()  # the client is slow to take the response
    LINGERING = auto()  # the client still sends, although it has its response
    CLOSING = auto()


class Connection(asyncio.Protocol):
    """Also the Reply to each of its requests. After the client has left, output is dropped."""

    def __init__(self, server: "Server") -> None:
        self._server, self._limits = server, server.limits
        self._transport: Any = None
        self._reader: Any = None
        self.peer: Any = None
        self._ahead = b""
        self._closes = self._reads_on = self._has_ended = False
        self._method, self._version = "GET", (1, 1)
        self._since = 0.0
        self.state = State.READING
        self.deadline: float | None = None
        self.stream: Stream | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        server, self._transport = self._server, transport
        self.peer, body_limit = server.peer_of(transport), server.front.body_limit
        self._reader = Reader(self._limits, self.peer, server.budget, body_limit, self._continue)
        self._enter(State.READING, self._limits.header)
        if not server.make_room(self):
            self._refuse(Refused(503, "Too many connections are open. Retry the request."))

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        self._enter(State.CLOSING, None)
        self._server.remove(self)
        self._reader.release()
        self._transport = None
        if self.stream is not None:
            self.stream.on_lost()

    def data_received(self, data: bytes) -> None:
        if self.state is State.READING:
            self._feed(data)
        elif self.state is State.IDLE:
            self._enter(State.READING, self._limits.header)
            self._feed(data)
        elif self.state in (State.HANDLING, State.TAKING):
            self._ahead += data
            if len(self._ahead) > _AHEAD:
                self._transport.pause_reading()

    def eof_received(self) -> bool:
        """A client that sends no more may still wait for its responses."""
        self._has_ended = True
        self._check_end()
        return self.state in (State.HANDLING, State.TAKING)

    def pause_writing(self) -> None:
        if self.stream is not None:
            self.stream.on_pause()

    def resume_writing(self) -> None:
        if self.stream is not None:
            self.stream.on_resume()
        elif self.state is State.TAKING:
            self._next()

    @property
    def has_begun(self) -> bool:
        """Whether a part of the request has arrived."""
        return bool(self._reader.received)

    @property
    def is_gone(self) -> bool:
        return self._transport is None or self._has_ended

    def expire(self) -> None:
        """The deadline has passed."""
        if self.state is State.READING and self.has_begun:
            part = "body" if self._reader.in_body else "header"
            self._refuse(Refused(408, f"The {part} of the request did not arrive in time."))
        elif self.state in (State.IDLE, State.READING):
            self.close()
        else:
            self.abort()

    def abort(self) -> None:
        """Close without regard to what is unsent."""
        if self._transport is not None:
            self._transport.abort()

    def close(self) -> None:
        """Close after what was sent has been taken."""
        self._enter(State.CLOSING, self._limits.write)
        self._transport.close()

    def send(self, status: int, headers: Headers, body: bytes | None) -> None:
        """A whole response. body: None for a response that has none."""
        if self._transport is None:
            return
        head = self._head(status, headers)
        if body and responses.has_body(self._method, status):
            head += body
        self._transport.write(head)
        self._after_response()

    def start(self, stream: "Stream", status: int, headers: Headers, phrase: str) -> None:
        """A response whose parts follow through `stream`."""
        if self._transport is None:
            stream.on_lost()
            return
        self.stream = stream
        is_open = responses.has_body(self._method, status) and not _has_length(headers)
        stream.is_chunked = is_open and self._version >= (1, 1)
        # The end of the connection ends it.
        self._closes |= is_open and not stream.is_chunked
        self._transport.write(self._head(status, headers, phrase, chunked=stream.is_chunked))

    def write(self, data: bytes) -> None:
        """A part of a stream."""
        if self._transport is not None and self._method != "HEAD":
            self._transport.write(data)

    def end(self, *, is_broken: bool = False) -> None:
        """The stream has ended. is_broken: the client must not take it for complete."""
        self.stream = None
        if self._transport is None:
            return
        if is_broken:
            self._transport.abort()
        else:
            self._after_response()

    def _head(
        self, status: int, headers: Headers, phrase: str = "", *, chunked: bool = False
    ) -> bytes:
        self._closes |= self._server.is_stopping
        self._server.note_response(self._reader.arrived, status, headers, self._since)
        return responses.head(
            self._version, status, headers, closes=self._closes, chunked=chunked, phrase=phrase
        )

    def _continue(self) -> None:
        self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def _enter(self, state: State, seconds: float | None) -> None:
        """seconds: until the deadline; None: there is none."""
        self._since = self._server.loop.time()
        self.deadline = None if seconds is None else self._since + seconds
        self.state = state
        self._server.note(self)

    def _feed(self, data: bytes) -> None:
        reader, was_in_body = self._reader, self._reader.in_body
        try:
            arrived = reader.feed(data)
        except Refused as refused:
            self._refuse(refused)
            return
        except MemoryError:
            self._refuse(Refused(503, "Not enough memory at the moment. Retry the request."))
            return
        if arrived is not None:
            self._handle(arrived)
        elif reader.in_body:
            if not was_in_body:
                self._enter(State.READING, self._limits.body)
            # It may take longer while enough of it arrives.
            self.deadline = (
                self._since + self._limits.body + reader.received / self._limits.body_rate
            )

    def _handle(self, arrived: Arrived) -> None:
        self._enter(State.HANDLING, None)
        self._method, self._version = arrived.method, arrived.version
        self._closes = not self._reader.keeps_alive
        self._reads_on = not self._reader.is_whole and not self._has_ended
        self._server.front.handle(arrived, self)

    def _refuse(self, refused: Refused) -> None:
        arrived: Arrived | None = self._reader.arrived
        self._reader.release()
        self._enter(State.HANDLING, None)
        self._closes, self._reads_on = True, not self._has_ended
        if arrived is not None:
            self._method, self._version = arrived.method, arrived.version
        self._server.front.refuse(arrived, refused, self)

    def _after_response(self) -> None:
        unsent = self._transport.get_write_buffer_size()
        if self._closes and self._reads_on and self._transport.can_write_eof():
            # If it were closed with unread data, the client might never see the response.
            self._transport.write_eof()
            self._enter(State.LINGERING, self._limits.linger)
        elif self._closes:
            self.close()
        elif unsent > self._limits.unsent:
            self._enter(State.TAKING, self._limits.write + unsent / self._limits.body_rate)
        else:
            self._next()

    def _next(self) -> None:
        """Wait for the next request, or go on with the one that has arrived already."""
        self._ahead = self._reader.next() + self._ahead
        if self._ahead:
            # Not from here: many requests that wait would be handled one inside the other.
            self._enter(State.HANDLING, None)
            self._server.loop.call_soon(self._go_on)
        elif self._has_ended:
            self.close()
        else:
            self._enter(State.IDLE, self._limits.idle)

    def _go_on(self) -> None:
        if self._transport is not None:
            data, self._ahead = self._ahead, b""
            self._transport.resume_reading()
            self._enter(State.READING, self._limits.header)
            self._feed(data)
            self._check_end()

    def _check_end(self) -> None:
        if self._has_ended and self.state is State.READING and self.has_begun:
            self._refuse(Refused(400, "The request ended before it was complete."))


def _has_length(headers: Headers) -> bool:
    return any(name.lower() == "content-length" for name, _ in headers)
