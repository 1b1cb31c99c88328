"""Bound how long a response of Redis may take as a whole.

The timeout of redis-py's sockets counts from one read to the next: a server or a network that lets
a byte through now and then would hold its caller for as long as it likes.
"""

import functools
import math
import time
from collections.abc import Callable
from typing import Any

import redis
from redis.connection import AbstractConnection
from redis.utils import SENTINEL


def bound(client: redis.Redis) -> redis.Redis:
    """Let `client` wait no longer for a whole response than its `socket_timeout`, and no longer for
    all responses of a new connection together. It then raises TimeoutError of redis-py."""
    pool = client.connection_pool
    pool.connection_class = _bounded(pool.connection_class)
    return client


class _Socket:
    """A socket whose reads end at `deadline`, in monotonic seconds."""

    def __init__(self, socket: Any) -> None:
        self._socket, self.deadline = socket, math.inf

    def recv(self, size: int, flags: int = 0) -> bytes:
        return bytes(self._in_time(self._socket.recv, size, flags))

    def recv_into(self, buffer: Any, size: int = 0, flags: int = 0) -> int:
        """What redis-py calls if the package hiredis is installed."""
        return int(self._in_time(self._socket.recv_into, buffer, size, flags))

    def _in_time(self, read: Callable[..., Any], *arguments: Any) -> Any:
        left, usual = self.deadline - time.monotonic(), self._socket.gettimeout()
        if left == math.inf or (usual is not None and usual <= left):
            return read(*arguments)
        if left <= 0:
            raise TimeoutError("the response took too long")
        self._socket.settimeout(left)
        try:
            return read(*arguments)
        finally:
            self._socket.settimeout(usual)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._socket, name)


class _Bounded(AbstractConnection):
    """Mixed into the class for TCP, TLS or a unix socket."""

    _connected_by = math.inf
    _sock: Any

    def _connect(self) -> Any:
        return _Socket(super()._connect())  # type: ignore[no-untyped-call, safe-super]

    def connect_check_health(self, *args: Any, **options: Any) -> None:
        if self.socket_timeout is not None:
            self._connected_by = time.monotonic() + 2 * self.socket_timeout
        try:
            super().connect_check_health(*args, **options)
        finally:
            self._connected_by = math.inf

    def read_response(self, *args: Any, **options: Any) -> Any:
        timeout = options.get("timeout", SENTINEL)
        seconds = self.socket_timeout if timeout is SENTINEL else timeout
        deadline = math.inf if seconds is None else time.monotonic() + seconds
        if self._sock is None:
            # It raises the right error.
            return super().read_response(*args, **options)
        socket = self._sock
        socket.deadline = min(deadline, self._connected_by)
        try:
            return super().read_response(*args, **options)
        finally:
            socket.deadline = math.inf


@functools.cache
def _bounded(connection_class: type) -> type:
    return type(f"Bounded{connection_class.__name__}", (_Bounded, connection_class), {})
