"""The lock of SQLite's writers."""

import fcntl
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from app.runtime import write_lock
from app.runtime.write_lock import WriteLock, WriteLockBusy
from tests.support import children
from tests.support.waiting import eventually

HOLD = """
import fcntl, sys
lock = open(sys.argv[1], "rb+")
fcntl.flock(lock, fcntl.LOCK_EX)
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "write.lock"
    path.touch()
    return path


@contextmanager
def held_elsewhere(path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Another process holds the lock until the end."""
    command = [sys.executable, "-c", HOLD, str(path)]
    process = children.start(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stdout.readline() == b"held\n"
    try:
        yield process
    finally:
        process.stdin.close()
        process.stdout.close()
        process.wait()


def is_free(path: Path) -> bool:
    with path.open("rb+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True


def test_a_lock_with_a_timeout_raises_after_it(path: Path) -> None:
    lock = WriteLock(path, timeout=0.2)
    with held_elsewhere(path):
        for _ in range(2):
            with pytest.raises(WriteLockBusy), lock.held():
                pass
    lock._timeout = 30
    with lock.held():
        assert not is_free(path)
    eventually(lambda: is_free(path))


def test_a_lock_that_nobody_waits_for_any_more_is_not_kept(path: Path) -> None:
    lock = WriteLock(path, timeout=0.1)
    with held_elsewhere(path), pytest.raises(WriteLockBusy), lock.held():
        pass
    eventually(lambda: is_free(path))


def test_a_lock_with_a_timeout_waits_for_a_short_transaction(path: Path) -> None:
    lock, order = WriteLock(path, timeout=45), []

    def wait() -> None:
        with lock.held():
            order.append("waited")

    with held_elsewhere(path):
        threads = [threading.Thread(target=wait) for _ in range(3)]
        for thread in threads:
            thread.start()
        eventually(lambda: lock._waiting_since is not None)
        order.append("free")
    for thread in threads:
        thread.join()
    assert order == ["free", "waited", "waited", "waited"]
    eventually(lambda: is_free(path))


@pytest.mark.parametrize("timeout", [None, 0.2])
def test_a_stopped_holder_is_killed(
    path: Path, timeout: float | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(write_lock, "STOPPED_SECONDS", 0.5)
    lock = WriteLock(path, timeout)
    with held_elsewhere(path) as holder:
        holder.send_signal(signal.SIGSTOP)
        deadline = time.monotonic() + 20
        while True:
            try:
                with lock.held():
                    break
            except WriteLockBusy:
                assert time.monotonic() < deadline
        assert holder.wait(30) == -signal.SIGKILL


def test_a_running_holder_is_left_alone(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(write_lock, "STOPPED_SECONDS", 0.1)
    lock = WriteLock(path, timeout=3.0)
    with held_elsewhere(path) as holder:
        with pytest.raises(WriteLockBusy), lock.held():
            pass
        assert holder.poll() is None
