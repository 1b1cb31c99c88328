"""Run a process and restart it with a growing delay."""

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

# A process that ran this long was healthy: the restart delay starts from its minimum again.
HEALTHY_SECONDS = 10.0
MIN_DELAY, MAX_DELAY = 0.2, 10.0
PR_SET_PDEATHSIG = 1


@dataclass(slots=True)
class Child:
    """name: shown on the terminal. death_signal: sent when the supervisor is killed.
    restarts: whether it is started again when it ends. on_line: called with each line of output.
    on_exit: called when it ends, unless the supervisor is stopping."""

    name: str
    command: Sequence[str]
    environ: dict[str, str]
    inherited: tuple[int, ...]
    death_signal: signal.Signals = signal.SIGKILL
    restarts: bool = True
    on_line: Callable[[str], None] | None = None
    on_exit: Callable[[], None] = lambda: None
    process: "subprocess.Popen[bytes] | None" = field(default=None, init=False)
    lines: Lines | None = field(default=None, init=False)
    started_at: float = field(default=0.0, init=False)
    restart_at: float | None = field(default=None, init=False)
    delay: float = field(default=MIN_DELAY, init=False)

    def start(self) -> Lines:
        """Start the process; the returned lines read its output.

        It gets a process group of its own in our session, so that Ctrl-C reaches only the
        supervisor, which then stops the processes in order.
        """
        self.process = subprocess.Popen(
            self.command,
            env=self.environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            pass_fds=self.inherited,
            process_group=0,
            preexec_fn=_die_with(os.getpid(), self.death_signal),  # noqa: PLW1509 -- no threads here
        )
        assert self.process.stdout is not None
        descriptor = self.process.stdout.fileno()
        os.set_blocking(descriptor, False)
        self.started_at, self.restart_at = time.monotonic(), None
        self.lines = Lines(descriptor, self.on_line or partial(say, name=self.name))
        return self.lines

    @property
    def exit_code(self) -> int | None:
        """None while it runs; negative: the signal that ended it."""
        return None if self.process is None else self.process.returncode

    @property
    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def plan_restart(self, now: float) -> float:
        """Set and return the delay in seconds: 0.2, doubled up to 10 while it keeps ending."""
        if now - self.started_at >= HEALTHY_SECONDS:
            self.delay = MIN_DELAY
        delay, self.delay = self.delay, min(self.delay * 2, MAX_DELAY)
        self.restart_at = now + delay
        return delay

    def signal(self, number: signal.Signals) -> None:
        if self.process is not None and self.is_running:
            self.process.send_signal(number)

    def kill_group(self) -> None:
        """Kill it and the processes that it started."""
        if self.process is not None:
            try:
                os.killpg(self.process.pid, signal.SIGKILL)
            except (ProcessLookupError, PermissionError):
                self.process.kill()


def _die_with(supervisor: int, death_signal: signal.Signals) -> Callable[[], None] | None:
    """Have the kernel send `death_signal` when the supervisor ends for any reason (Linux only)."""
    if not sys.platform.startswith("linux"):
        return None
    prctl = ctypes.CDLL(None).prctl

    def set_death_signal() -> None:
        prctl(PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)
        if os.getppid() != supervisor:
            os._exit(1)

    return set_death_signal
