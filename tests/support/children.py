"""Processes that tests start, none of which outlives the test run, even one that is killed."""

import ctypes
import signal
import subprocess
from collections.abc import Sequence
from typing import Any

PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


def _die_with_parent() -> None:
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def start(command: Sequence[str], **options: Any) -> subprocess.Popen[bytes]:
    """Popen that is killed by the kernel when the thread that started it is gone. Between fork and
    exec only one system call is made, so that other threads do not matter."""
    return subprocess.Popen(command, preexec_fn=_die_with_parent, **options)  # noqa: PLW1509


def stop(process: subprocess.Popen[bytes], seconds: float = 10) -> int:
    """Ask it to end, insist after `seconds`; its exit code."""
    if process.poll() is None:
        process.terminate()
    try:
        return process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()
