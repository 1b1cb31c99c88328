"""Accept connections, and stop without losing one that was accepted."""

import asyncio
import errno
import logging
import socket
import ssl
from collections.abc import Callable, Sequence

_log = logging.getLogger("callboard.http")

# At once. The other web processes on the same socket get their share.
_BATCH = 32
# Pause after the process ran out of descriptors or memory, in seconds.
_PAUSE = 0.2
_EXHAUSTED = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})


class Listening:
    """asyncio's own server drops connections that it accepted just before it was closed."""

    def __init__(
        self,
        sockets: Sequence[socket.socket],
        connection: Callable[[], asyncio.Protocol],
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._sockets, self._connection, self._tls = sockets, connection, tls
        self._beginning: set[asyncio.Task[None]] = set()
        self._is_open = True
        for listener in sockets:
            listener.setblocking(False)
            self._loop.add_reader(listener, self._accept, listener)

    async def close(self) -> None:
        """Accept no more. What was accepted has its connection then."""
        self._is_open = False
        for listener in self._sockets:
            self._loop.remove_reader(listener)
            listener.close()
        await asyncio.gather(*self._beginning)

    def _accept(self, listener: socket.socket) -> None:
        for _ in range(_BATCH):
            try:
                accepted, _ = listener.accept()
            except (BlockingIOError, InterruptedError, ConnectionAbortedError):
                return
            except OSError as error:
                if error.errno not in _EXHAUSTED:
                    raise
                _log.warning("no connection can be accepted: %s", error)
                self._loop.remove_reader(listener)
                self._loop.call_later(_PAUSE, self._resume, listener)
                return
            task = self._loop.create_task(self._begin(accepted))
            self._beginning.add(task)
            task.add_done_callback(self._beginning.discard)

    def _resume(self, listener: socket.socket) -> None:
        if self._is_open:
            self._loop.add_reader(listener, self._accept, listener)

    async def _begin(self, accepted: socket.socket) -> None:
        accepted.setblocking(False)
        try:
            await self._loop.connect_accepted_socket(self._connection, accepted, ssl=self._tls)
        except (OSError, ssl.SSLError) as error:
            # The client left, or its handshake failed.
            _log.debug("a connection did not begin: %s", error)
            accepted.close()
