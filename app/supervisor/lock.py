"""Allow one supervisor per data directory."""

import contextlib
import fcntl
import os
import time
from pathlib import Path

from app.supervisor.errors import CannotStart

WAIT_SECONDS = 10.0


class DataLock:
    """An flock that all processes inherit. It is free once the last one has ended, so a start right
    after a crash does not overlap with processes that the crash left behind."""

    def __init__(self, data_dir: Path) -> None:
        self._path = data_dir / "supervisor.lock"
        self.descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def holder(self) -> int | None:
        """The process id of another supervisor that runs on the directory."""
        if self._try_lock():
            fcntl.flock(self.descriptor, fcntl.LOCK_UN)
            return None
        pid = self._noted()
        return pid if pid and _is_alive(pid) else None

    def acquire(self) -> None:
        """CannotStart if another supervisor holds the lock."""
        deadline = time.monotonic() + WAIT_SECONDS
        while not self._try_lock():
            holder = self._noted()
            if holder and _is_alive(holder):
                raise CannotStart(
                    f"Callboard already runs on {self._path.parent} (process {holder})."
                    " Stop it first, or set another DATA_DIR."
                )
            if time.monotonic() > deadline:
                raise CannotStart(
                    f"Processes of an earlier start still hold {self._path}. End them first:"
                    f" `fuser {self._path}` lists them."
                )
            time.sleep(0.05)
        os.ftruncate(self.descriptor, 0)
        os.pwrite(self.descriptor, f"{os.getpid()}\n".encode(), 0)

    def _try_lock(self) -> bool:
        with contextlib.suppress(BlockingIOError):
            fcntl.flock(self.descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        return False

    def _noted(self) -> int | None:
        text = os.pread(self.descriptor, 20, 0).decode(errors="replace").strip()
        return int(text) if text.isdecimal() else None


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
