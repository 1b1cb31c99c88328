"""One supervisor for one data directory."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.supervisor import lock as lock_module
from app.supervisor.lock import DataLock
from app.supervisor.trouble import CannotStart


def test_a_second_supervisor_is_told_who_has_the_directory(tmp_path: Path) -> None:
    first = DataLock(tmp_path)
    first.take()
    with pytest.raises(CannotStart, match=rf"already runs .*process {os.getpid()}"):
        DataLock(tmp_path).take()
    os.close(first.descriptor)


def test_a_lock_that_nobody_holds_is_free_whatever_it_says(tmp_path: Path) -> None:
    (tmp_path / "supervisor.lock").write_text("1\n")
    lock = DataLock(tmp_path)
    lock.take()
    assert (tmp_path / "supervisor.lock").read_text() == f"{os.getpid()}\n"
    os.close(lock.descriptor)


def test_what_an_earlier_start_left_running_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lock_module, "PATIENCE_SECONDS", 0.2)
    left = DataLock(tmp_path)
    left.take()
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    (tmp_path / "supervisor.lock").write_text(f"{gone.pid}\n")
    with pytest.raises(CannotStart, match="earlier start"):
        DataLock(tmp_path).take()
    os.close(left.descriptor)
    DataLock(tmp_path).take()
