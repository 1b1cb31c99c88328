"""One process that is kept up."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

from app.supervisor.output import Lines, say

# A process that stayed up for this long is healthy: its next end is answered at once again.
HEALTHY_SECONDS = 10.0
FIRST_WAIT, LONGEST_WAIT = 0.2, 10.0
PR_SET_PDEATHSIG = 1


@dataclass(slots=True)
class Child:
    """name: on the terminal. farewell: the signal that it gets when the supervisor is killed.
    stays: it is started again when it ends. tell: takes each line that it prints.
    on_end: hears of each end that was not asked for."""

    name: str
    command: Sequence[str]
    environ: dict[str, str]
    inherited: tuple[int, ...]
    farewell: signal.Signals = signal.SIGKILL
    stays: bool = True
    tell: Callable[[str], None] | None = None
    on_end: Callable[[], None] = lambda: None
    process: "subprocess.Popen[bytes] | None" = field(default=None, init=False)
    lines: Lines | None = field(default=None, init=False)
    started_at: float = field(default=0.0, init=False)
    restart_at: float | None = field(default=None, init=False)
    wait: float = field(default=FIRST_WAIT, init=False)

    def start(self) -> Lines:
        """Run it; what it says comes out of the returned lines.

        Its process group is its own, in our session: Ctrl-C reaches the supervisor alone, which
        then stops the others in order.
        """
        self.process = subprocess.Popen(
            self.command,
            env=self.environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            pass_fds=self.inherited,
            process_group=0,
            preexec_fn=_dies_with(os.getpid(), self.farewell),  # noqa: PLW1509 -- no threads here
        )
        assert self.process.stdout is not None
        descriptor = self.process.stdout.fileno()
        os.set_blocking(descriptor, False)
        self.started_at, self.restart_at = time.monotonic(), None
        self.lines = Lines(descriptor, self.tell or partial(say, name=self.name))
        return self.lines

    @property
    def exit_code(self) -> int | None:
        """None while it runs; negative: the signal that ended it."""
        return None if self.process is None else self.process.returncode

    @property
    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def plan_restart(self, now: float) -> float:
        """Set and return the seconds until it is started again: 0.2, doubled up to 10 as long as
        it does not stay up."""
        if now - self.started_at >= HEALTHY_SECONDS:
            self.wait = FIRST_WAIT
        wait, self.wait = self.wait, min(self.wait * 2, LONGEST_WAIT)
        self.restart_at = now + wait
        return wait

    def signal(self, number: signal.Signals) -> None:
        if self.process is not None and self.is_running:
            self.process.send_signal(number)

    def kill_group(self) -> None:
        """End it and what it started."""
        if self.process is not None:
            try:
                os.killpg(self.process.pid, signal.SIGKILL)
            except (ProcessLookupError, PermissionError):
                self.process.kill()


def _dies_with(supervisor: int, farewell: signal.Signals) -> Callable[[], None] | None:
    """The kernel sends `farewell` when the supervisor is gone, however it went (Linux alone)."""
    if not sys.platform.startswith("linux"):
        return None
    prctl = ctypes.CDLL(None).prctl

    def tie() -> None:
        prctl(PR_SET_PDEATHSIG, int(farewell), 0, 0, 0)
        if os.getppid() != supervisor:
            os._exit(1)

    return tie
