"""One supervisor per data directory."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.supervisor import lock as lock_module
from app.supervisor.errors import CannotStart
from app.supervisor.lock import DataLock


def test_a_second_supervisor_names_the_running_process(tmp_path: Path) -> None:
    first = DataLock(tmp_path)
    first.acquire()
    with pytest.raises(CannotStart, match=rf"already runs .*process {os.getpid()}"):
        DataLock(tmp_path).acquire()
    os.close(first.descriptor)


def test_a_stale_lock_file_does_not_block(tmp_path: Path) -> None:
    (tmp_path / "supervisor.lock").write_text("1\n")
    lock = DataLock(tmp_path)
    lock.acquire()
    assert (tmp_path / "supervisor.lock").read_text() == f"{os.getpid()}\n"
    os.close(lock.descriptor)


def test_processes_of_an_earlier_start_block_until_they_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lock_module, "WAIT_SECONDS", 0.2)
    leftover = DataLock(tmp_path)
    leftover.acquire()
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    (tmp_path / "supervisor.lock").write_text(f"{ended.pid}\n")
    with pytest.raises(CannotStart, match="earlier start"):
        DataLock(tmp_path).acquire()
    os.close(leftover.descriptor)
    DataLock(tmp_path).acquire()


def test_the_holder_is_told_while_it_runs(tmp_path: Path) -> None:
    first = DataLock(tmp_path)
    assert first.holder() is None
    first.acquire()
    assert DataLock(tmp_path).holder() == os.getpid()
    os.close(first.descriptor)
    assert DataLock(tmp_path).holder() is None
