"""Serialize SQLite's writers over threads and processes."""

import fcntl
import logging
import os
import signal
import threading
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.runtime.configuration.settings import Settings

_log = logging.getLogger(__name__)

# A process that is stopped while it holds the lock is killed after this long.
STOPPED_SECONDS = 10.0
_WATCH_SECONDS = 1.0
_LOCKS, _PROC = Path("/proc/locks"), Path("/proc")


class WriteLockBusy(Exception):
    """Another process has held the lock for too long."""


class WriteLock:
    """One writer at a time: SQLite's own waiting is unfair and slow (p99 34 ms against 4.8 ms with
    this lock, two processes and a worker writing).

    On PostgreSQL `path` is None and the lock does nothing.
    """

    def __init__(self, path: Path | None, timeout: float | None = None) -> None:
        """timeout: seconds until WriteLockBusy; None: wait for as long as it takes."""
        self._path, self._timeout = path, timeout
        self._threads = threading.Lock()
        self._descriptor: int | None = None
        self._changed = threading.Condition()
        # Whether the helper waits for the lock, whether a thread waits for the helper, and whether
        # it has handed the lock over.
        self._is_requested = self._is_wanted = self._is_granted = False
        self._helper: threading.Thread | None = None
        self._watch: threading.Thread | None = None
        # Monotonic; None while nobody in this process waits for another process.
        self._waiting_since: float | None = None

    @contextmanager
    def held(self) -> Iterator[None]:
        """WriteLockBusy."""
        self.acquire()
        try:
            yield
        finally:
            self.release()

    def acquire(self) -> None:
        """WriteLockBusy. Call `release` afterwards, in the same thread."""
        if self._path is None:
            return
        deadline = None if self._timeout is None else time.monotonic() + self._timeout
        if not self._threads.acquire(timeout=-1 if self._timeout is None else self._timeout):
            raise WriteLockBusy("the database's write lock is busy")
        try:
            self._acquire(self._open(), deadline)
        except BaseException:
            self._threads.release()
            raise

    def release(self) -> None:
        if self._path is None:
            return
        try:
            fcntl.flock(self._open(), fcntl.LOCK_UN)
        finally:
            self._threads.release()

    def _open(self) -> int:
        if self._descriptor is None:
            assert self._path is not None
            self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            weakref.finalize(self, os.close, self._descriptor).atexit = False
        return self._descriptor

    def _acquire(self, descriptor: int, deadline: float | None) -> None:
        # A request that its thread gave up on may still be waiting. It is then taken over: both
        # use the same descriptor, so a second flock would not be a second lock.
        if not self._is_requested:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                pass
            else:
                return
        if deadline is None:
            self._block(descriptor)
        else:
            self._wait_until(deadline)

    def _block(self, descriptor: int) -> None:
        """Wait in the kernel's queue, which is fair and needs no polling."""
        self._start_watch()
        self._waiting_since = time.monotonic()
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        finally:
            self._waiting_since = None

    def _wait_until(self, deadline: float) -> None:
        """Have a helper thread wait, since flock takes no timeout."""
        with self._changed:
            self._is_wanted = True
            if not self._is_requested:
                self._is_requested = True
                self._start_helper()
                self._changed.notify_all()
            try:
                while not self._is_granted:
                    if not self._changed.wait(deadline - time.monotonic()):
                        raise WriteLockBusy("another process holds the database's write lock")
                self._is_granted = False
            finally:
                self._is_wanted = False

    def _start_helper(self) -> None:
        if self._helper is None or not self._helper.is_alive():
            self._helper = threading.Thread(target=self._help, name="write-lock", daemon=True)
            self._helper.start()

    def _help(self) -> None:
        descriptor = self._open()
        while True:
            with self._changed:
                while not self._is_requested:
                    self._changed.wait()
            self._block(descriptor)
            with self._changed:
                self._is_requested = False
                if self._is_wanted:
                    self._is_granted = True
                    self._changed.notify_all()
                else:
                    fcntl.flock(descriptor, fcntl.LOCK_UN)

    def _start_watch(self) -> None:
        if self._watch is None or not self._watch.is_alive():
            self._watch = threading.Thread(
                target=self._watch_holder, name="write-lock-watch", daemon=True
            )
            self._watch.start()

    def _watch_holder(self) -> None:
        """Kill a process that is stopped (SIGSTOP, a debugger) while it holds the lock: until it
        continues nobody can write. It loses nothing, because its transaction is rolled back."""
        while True:
            time.sleep(_WATCH_SECONDS)
            since = self._waiting_since
            if since is None or time.monotonic() - since < STOPPED_SECONDS:
                continue
            assert self._path is not None
            pid = _holder(self._path)
            if pid is not None and _is_stopped(pid):
                _log.error("killed process %d, stopped while it held the write lock", pid)
                try:
                    os.kill(pid, signal.SIGKILL)
                except OSError as error:
                    _log.warning("cannot kill process %d: %s", pid, error)


def _holder(path: Path) -> int | None:
    """The process that holds the flock on `path`; None if unknown."""
    try:
        inode = path.stat().st_ino
        lines = _LOCKS.read_text().splitlines()
    except OSError:
        return None
    for line in lines:
        # 1: FLOCK  ADVISORY  WRITE 4711 fe:01:1234 0 EOF; those who wait are marked with ->.
        fields = line.split()
        if fields[1] == "FLOCK" and fields[5].rpartition(":")[2] == str(inode):
            return int(fields[4]) or None
    return None


def _is_stopped(pid: int) -> bool:
    try:
        fields = (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return False
    return fields[0] in ("T", "t")


def write_lock_for(settings: Settings, timeout: float | None = None) -> WriteLock:
    return WriteLock(settings.write_lock_path if settings.is_sqlite else None, timeout)
