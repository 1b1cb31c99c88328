"""libcurl's sockets and timer in an epoll."""

import contextlib
import select
import time

import pycurl

_MASKS = {
    pycurl.POLL_IN: select.EPOLLIN,
    pycurl.POLL_OUT: select.EPOLLOUT,
    pycurl.POLL_INOUT: select.EPOLLIN | select.EPOLLOUT,
}
_TROUBLE = select.EPOLLERR | select.EPOLLHUP


class Sockets:
    """A libcurl multi, and what it wants to know of its sockets.

    A kept connection stays in the epoll between two transfers, so that its next one costs no
    system call; when something happens to it meanwhile, it is taken out. `watched` holds the mask
    with which each descriptor was put in; a new owner of the number is told by `Line`.
    """

    def __init__(self, epoll: select.epoll, max_in_flight: int) -> None:
        self._epoll = epoll
        self._wanted: dict[int, int] = {}
        self._timer: float | None = None
        self.watched: dict[int, int] = {}
        self.multi = pycurl.CurlMulti()
        self.multi.setopt(pycurl.M_SOCKETFUNCTION, self._on_socket)
        self.multi.setopt(pycurl.M_TIMERFUNCTION, self._on_timer)
        # With fewer than are in flight, connections are closed instead of kept.
        self.multi.setopt(pycurl.M_MAXCONNECTS, max_in_flight + max_in_flight // 4 + 16)

    def until_timer(self, now: float) -> float | None:
        """Seconds until `run_timer` has something to do; None: nothing is set."""
        return None if self._timer is None else max(self._timer - now, 0.0)

    def run_timer(self) -> None:
        timer = self._timer
        if timer is not None and timer <= time.monotonic():
            self._timer = None
            self.multi.socket_action(pycurl.SOCKET_TIMEOUT, 0)

    def happened(self, number: int, events: int) -> None:
        """The epoll's word on one of the multi's sockets."""
        if number not in self._wanted:
            self._unwatch(number)
            return
        action = pycurl.CSELECT_IN if events & select.EPOLLIN else 0
        if events & select.EPOLLOUT:
            action |= pycurl.CSELECT_OUT
        if events & _TROUBLE:
            action |= pycurl.CSELECT_ERR
        self.multi.socket_action(number, action)

    def close(self) -> None:
        self.multi.close()
        self._wanted.clear()

    def _on_timer(self, milliseconds: int) -> None:
        self._timer = None if milliseconds < 0 else time.monotonic() + milliseconds / 1000

    def _on_socket(self, what: int, number: int, *_: object) -> None:
        mask = _MASKS.get(what)
        if mask is None:
            self._wanted.pop(number, None)
            return
        self._wanted[number] = mask
        if self.watched.get(number) != mask:
            self._watch(number, mask)

    def _watch(self, number: int, mask: int) -> None:
        try:
            if number in self.watched:
                self._epoll.modify(number, mask)
            else:
                self._epoll.register(number, mask)
        except FileNotFoundError:
            self._epoll.register(number, mask)
        except FileExistsError:
            self._epoll.modify(number, mask)
        self.watched[number] = mask

    def _unwatch(self, number: int) -> None:
        self.watched.pop(number, None)
        # One that was closed has left the epoll with that.
        with contextlib.suppress(OSError):
            self._epoll.unregister(number)
