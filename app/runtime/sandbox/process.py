"""Control one sandbox process: start it, send it tasks, kill it at a deadline."""

import contextlib
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from app.runtime.sandbox.program import EXIT_MEMORY

_PROGRAM = str(Path(__file__).with_name("program.py"))
_ROOT = str(Path(__file__).parents[3])
_MAX_FRAME = 16 << 20
# Generous, for a busy machine.
_START_SECONDS = 30.0
# Signals of a crash that the input may have caused; all others come from outside.
_CRASHES = frozenset({-signal.SIGSEGV, -signal.SIGABRT, -signal.SIGBUS, -signal.SIGILL})


@dataclass(frozen=True, slots=True)
class Limits:
    """module: the tasks. memory: bytes of address space. cpu: seconds per step of a task.
    wall: seconds per step, reached only by a process that hangs."""

    module: str
    memory: int
    cpu: float
    wall: float


class Stopped(Exception):
    """The process ended during a task. steps: the results so far. by_task: the task exceeded its
    limits or crashed; otherwise the cause came from outside, and the task may be repeated."""

    def __init__(self, reason: str, steps: list[bytes], *, by_task: bool) -> None:
        super().__init__(reason)
        self.reason = reason
        self.steps = steps
        self.by_task = by_task


class SandboxProcess:
    """Used by one thread at a time. OSError if no process can be started."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._is_ready = False
        self._connection, other = socket.socketpair()
        arguments = (limits.memory, limits.cpu, _ROOT, limits.module)
        with other:
            # An empty environment: no secrets, no proxies, no module paths.
            self._process = subprocess.Popen(
                [sys.executable, "-I", _PROGRAM, *map(str, arguments)],
                stdin=other.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env={},
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    def run(self, task: str, *arguments: Any) -> list[bytes]:
        """The results of the task's steps. After Stopped the process must not be used again."""
        steps: list[bytes] = []
        request = msgspec.msgpack.encode([task, *arguments])
        try:
            if not self._is_ready:
                self._read(4, time.monotonic() + _START_SECONDS)
                self._is_ready = True
            self._connection.settimeout(self._limits.wall)
            self._connection.sendall(len(request).to_bytes(4) + request)
            while step := self._read_frame():
                steps.append(step)
        except TimeoutError:
            self.close()
            raise Stopped("deadline", steps, by_task=False) from None
        except OSError:
            raise self._stopped(steps) from None
        return steps

    def kill(self) -> None:
        """May be called by any thread; `run` then raises Stopped."""
        self._process.kill()

    def close(self) -> None:
        self._connection.close()
        self._process.kill()
        self._process.wait()

    def _read_frame(self) -> bytes:
        deadline = time.monotonic() + self._limits.wall
        size = int.from_bytes(self._read(4, deadline))
        if size > _MAX_FRAME:
            raise ConnectionError("frame too long")
        return self._read(size, deadline)

    def _read(self, size: int, deadline: float) -> bytes:
        parts: list[bytes] = []
        while size > 0:
            self._connection.settimeout(max(0.001, deadline - time.monotonic()))
            part = self._connection.recv(min(size, 1 << 20))
            if not part:
                raise ConnectionError("closed")
            parts.append(part)
            size -= len(part)
        return b"".join(parts)

    def _stopped(self, steps: list[bytes]) -> Stopped:
        # A process that still runs after closing the connection broke the protocol.
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(1.0)
        code = self._process.poll()
        self.close()
        if code == -signal.SIGPROF:
            return Stopped("CPU", steps, by_task=True)
        if code == EXIT_MEMORY:
            return Stopped("memory", steps, by_task=True)
        return Stopped(f"exit {code}", steps, by_task=code in _CRASHES)
