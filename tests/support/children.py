"""Start processes that end with the test run, even when the run is killed."""

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
    """A Popen that the kernel kills when the thread that started it ends. Only one system call runs
    between fork and exec, so this is safe with other threads."""
    return subprocess.Popen(command, preexec_fn=_die_with_parent, **options)  # noqa: PLW1509


def stop(process: subprocess.Popen[bytes], seconds: float = 10) -> int:
    """Terminate the process, kill it after `seconds`, and return its exit code."""
    if process.poll() is None:
        process.terminate()
    try:
        return process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()
