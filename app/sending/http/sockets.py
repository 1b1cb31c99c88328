"""Run libcurl's sockets and timer on an epoll."""

import contextlib
import select
import socket
import time

import pycurl

_MASKS = {
    pycurl.POLL_IN: select.EPOLLIN,
    pycurl.POLL_OUT: select.EPOLLOUT,
    pycurl.POLL_INOUT: select.EPOLLIN | select.EPOLLOUT,
}
_ERRORS = select.EPOLLERR | select.EPOLLHUP


class LentSocket(socket.socket):
    """pycurl duplicates the descriptor and drops this object without closing it."""

    def __del__(self) -> None:
        self.close()


class Sockets:
    """A libcurl multi handle and the sockets that it watches.

    An idle connection stays registered with the epoll, which saves system calls when it is reused;
    an event on it meanwhile unregisters it. `watched` maps each registered descriptor to its mask;
    `CurlHandle` removes an entry when the descriptor number belongs to a new socket.
    """

    def __init__(self, epoll: select.epoll, max_in_flight: int) -> None:
        self._epoll = epoll
        self._interest: dict[int, int] = {}
        self._timer: float | None = None
        self.watched: dict[int, int] = {}
        self.multi = pycurl.CurlMulti()
        self.multi.setopt(pycurl.M_SOCKETFUNCTION, self._on_socket)
        self.multi.setopt(pycurl.M_TIMERFUNCTION, self._on_timer)
        # Below the number in flight, libcurl would close connections instead of keeping them.
        self.multi.setopt(pycurl.M_MAXCONNECTS, max_in_flight + max_in_flight // 4 + 16)

    def until_timer(self, now: float) -> float | None:
        """Seconds until `run_timer` is due; None without a timer."""
        return None if self._timer is None else max(self._timer - now, 0.0)

    def run_timer(self) -> None:
        timer = self._timer
        if timer is not None and timer <= time.monotonic():
            self._timer = None
            self.multi.socket_action(pycurl.SOCKET_TIMEOUT, 0)

    def handle(self, fd: int, events: int) -> None:
        """Pass an epoll event to libcurl."""
        if fd not in self._interest:
            self._unwatch(fd)
            return
        action = pycurl.CSELECT_IN if events & select.EPOLLIN else 0
        if events & select.EPOLLOUT:
            action |= pycurl.CSELECT_OUT
        if events & _ERRORS:
            action |= pycurl.CSELECT_ERR
        self.multi.socket_action(fd, action)

    def close(self) -> None:
        self.multi.close()
        self._interest.clear()

    def _on_timer(self, milliseconds: int) -> None:
        self._timer = None if milliseconds < 0 else time.monotonic() + milliseconds / 1000

    def _on_socket(self, poll: int, fd: int, *_: object) -> None:
        mask = _MASKS.get(poll)
        if mask is None:
            self._interest.pop(fd, None)
            return
        self._interest[fd] = mask
        if self.watched.get(fd) != mask:
            self._watch(fd, mask)

    def _watch(self, fd: int, mask: int) -> None:
        try:
            if fd in self.watched:
                self._epoll.modify(fd, mask)
            else:
                self._epoll.register(fd, mask)
        except FileNotFoundError:
            self._epoll.register(fd, mask)
        except FileExistsError:
            self._epoll.modify(fd, mask)
        self.watched[fd] = mask

    def _unwatch(self, fd: int) -> None:
        self.watched.pop(fd, None)
        # Closing a descriptor has already removed it from the epoll.
        with contextlib.suppress(OSError):
            self._epoll.unregister(fd)
