"""The Callboard that runs on the same data directory, and whose port a new one takes over.

Linux only: the socket on which it accepts connections is copied from the running process
(`pidfd_getfd`, Linux 5.6), which therefore need not know anything of it. Releases before
`script/upgrade` are replaced in this way without refusing a connection.
"""

import contextlib
import ctypes
import errno
import os
import select
import signal
import socket
from pathlib import Path

from app.supervisor.errors import CannotStart

# The number of the system call on all of Linux's architectures. The standard library has no name
# for it.
_PIDFD_GETFD = 438
_NOT_ALLOWED = (
    "This system does not let one process take the port of process {pid} over: {error}. Run it as"
    " root (or with CAP_SYS_PTRACE), or stop the running one and start without --replace."
)


class Predecessor:
    """pid: of its supervisor."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        if not hasattr(os, "pidfd_open"):
            raise CannotStart("--replace needs Linux. Stop the running one and start without it.")
        self._descriptor = os.pidfd_open(pid)

    def listener(self, port: int) -> socket.socket | None:
        """A copy of the socket on which it accepts connections to the port; None if it has none.

        CannotStart if the system does not let us."""
        try:
            numbers = self._sockets()
        except PermissionError as error:
            raise self._not_allowed(error) from error
        for number in numbers:
            copy = self._copied(number)
            if copy is None:
                continue
            candidate = socket.socket(fileno=copy)
            if _listens(candidate, port):
                return candidate
            candidate.close()
        return None

    def stop(self) -> None:
        """Ask it to stop: it closes its socket, and finishes the requests that it has begun."""
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._descriptor, signal.SIGTERM)

    def kill(self) -> None:
        """Its processes end with it."""
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._descriptor, signal.SIGKILL)

    @property
    def has_ended(self) -> bool:
        return bool(select.select([self._descriptor], [], [], 0)[0])

    def _sockets(self) -> list[int]:
        """The numbers of its descriptors that are sockets."""
        numbers = []
        with contextlib.suppress(FileNotFoundError):
            for link in Path(f"/proc/{self.pid}/fd").iterdir():
                with contextlib.suppress(FileNotFoundError):
                    if str(link.readlink()).startswith("socket:"):
                        numbers.append(int(link.name))
        return sorted(numbers)

    def _copied(self, number: int) -> int | None:
        """A descriptor of ours for the same socket; None if it has closed it meanwhile."""
        libc = ctypes.CDLL(None, use_errno=True)
        copy = int(libc.syscall(_PIDFD_GETFD, self._descriptor, number, 0))
        if copy >= 0:
            return copy
        error = OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
        if isinstance(error, PermissionError) or error.errno == errno.ENOSYS:
            raise self._not_allowed(error)
        return None

    def _not_allowed(self, error: OSError) -> CannotStart:
        return CannotStart(_NOT_ALLOWED.format(pid=self.pid, error=error.strerror))


def _listens(candidate: socket.socket, port: int) -> bool:
    try:
        accepts = candidate.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)
        return bool(accepts) and _port_of(candidate) == port
    except OSError:
        return False


def _port_of(candidate: socket.socket) -> int | None:
    """None: a Unix socket."""
    name = candidate.getsockname()
    return name[1] if isinstance(name, tuple) else None
