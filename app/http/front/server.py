"""All connections of a process: their number, their deadlines, and how they end at a stop."""

import asyncio
from collections.abc import Callable
from typing import Any

from app.http.front.access_log import AccessLog
from app.http.front.arrived import Arrived, Headers
from app.http.front.connection import Connection, State
from app.http.front.front import Front
from app.http.front.reading import Budget, Peer

# How often deadlines are looked at, in seconds.
_TICK = 0.5
_MOMENT = 0.02


class Server:
    """schemes_of: what Peer says of the address of a connection's other end. responses: how many
    have begun."""

    def __init__(
        self,
        front: Front,
        loop: asyncio.AbstractEventLoop,
        schemes_of: Callable[[str], dict[str, str]],
        access_log: AccessLog | None = None,
    ) -> None:
        self.front, self.limits, self.loop = front, front.limits, loop
        self.budget = Budget(self.limits.buffered)
        self.is_stopping = False
        self._schemes_of, self._access_log = schemes_of, access_log
        self.responses = 0
        # In the order in which they began to wait. A dictionary keeps the order.
        self._idle: dict[Connection, None] = {}
        self._reading: dict[Connection, None] = {}
        self._others: dict[Connection, None] = {}
        self._tick = min(_TICK, self.limits.header / 4, self.limits.body / 4)
        self._timer: asyncio.TimerHandle | None = None

    def connection(self) -> Connection:
        return Connection(self)

    def peer_of(self, transport: asyncio.BaseTransport) -> Peer:
        client = _address(transport.get_extra_info("peername"))
        scheme = "https" if transport.get_extra_info("ssl_object") else "http"
        server = _address(transport.get_extra_info("sockname"))
        return Peer(client, server, scheme, self._schemes_of(client[0]))

    def note(self, connection: Connection) -> None:
        """Its state has changed."""
        self._forget(connection)
        if connection.state is State.IDLE:
            self._idle[connection] = None
        elif connection.state is State.READING:
            self._reading[connection] = None
        else:
            self._others[connection] = None

    def note_response(
        self, arrived: Arrived | None, status: int, headers: Headers, since: float
    ) -> None:
        self.responses += 1
        if self._access_log is not None and arrived is not None:
            self._access_log.write(arrived, status, headers, self.loop.time() - since)

    def make_room(self, connection: Connection) -> bool:
        """Close one that waits if there are too many. False: none does."""
        if self._timer is None:
            self._timer = self.loop.call_later(self._tick, self._look_at_deadlines)
        if self.count <= self.limits.connections:
            return True
        waiting = next(iter(self._idle), None) or next(iter(self._reading))
        if waiting is connection:
            return False
        waiting.expire()
        return True

    def remove(self, connection: Connection) -> None:
        self._forget(connection)

    @property
    def count(self) -> int:
        return len(self._idle) + len(self._reading) + len(self._others)

    @property
    def connections(self) -> list[Connection]:
        return [*self._idle, *self._reading, *self._others]

    async def stop(self, seconds: float) -> None:
        """Close connections after their responses, the others at once. A new connection, whose
        first request may be on its way, gets a moment."""
        self.is_stopping = True
        self.front.waiting.stop()
        for connection in list(self._idle):
            connection.close()
        begun = self.loop.time()
        while self.count and self.loop.time() < begun + seconds:
            if self.loop.time() > begun + self.limits.first:
                self._close_silent()
            await asyncio.sleep(_MOMENT)

    def _close_silent(self) -> None:
        for connection in list(self._reading):
            if not connection.has_begun:
                connection.close()

    def _forget(self, connection: Connection) -> None:
        self._idle.pop(connection, None)
        self._reading.pop(connection, None)
        self._others.pop(connection, None)

    def _look_at_deadlines(self) -> None:
        now = self.loop.time()
        for connection in self.connections:
            if connection.deadline is not None and connection.deadline < now:
                connection.expire()
        self._timer = None
        if self.count:
            self._timer = self.loop.call_later(self._tick, self._look_at_deadlines)


def _address(name: Any) -> tuple[str, int]:
    """Of a socket; a Unix socket has none."""
    return (name[0], name[1]) if isinstance(name, tuple) else ("", 0)
