"""Run work on untrusted input in subprocesses with limits on time and memory.

A process runs task after task; it is killed and replaced when a task exceeds its limits. A key (an
organization) uses at most one process at a time and has a bounded queue, so that others never wait
for more than one of its tasks.
"""

import os
import threading
from collections import OrderedDict, deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

from app.runtime.sandbox.process import Limits, SandboxProcess, Stopped

__all__ = ["Busy", "Limits", "Sandbox", "SandboxOfProcess", "Stopped"]

# An idle process ends after this time.
_IDLE_SECONDS = 60.0
_ATTEMPTS = 2


class Busy(Exception):
    """The queue of the key is full, or did not move in time."""


@dataclass(slots=True, eq=False)
class _Job:
    key: str
    task: str
    arguments: tuple[Any, ...]
    done: Future[list[bytes]] = field(default_factory=Future)


class Sandbox:
    """processes: maximum, started on demand. waiting: maximum of queued tasks per key."""

    def __init__(self, limits: Limits, *, processes: int = 2, waiting: int = 1_000) -> None:
        self._limits = limits
        self._max_processes = processes
        self._max_queued = waiting
        self._changed = threading.Condition()
        self._queues: OrderedDict[str, deque[_Job]] = OrderedDict()
        self._running: set[str] = set()
        self._threads: set[threading.Thread] = set()
        self._idle = 0
        self._is_closed = False
        self._processes: set[SandboxProcess] = set()

    @property
    def pids(self) -> list[int]:
        return [process.pid for process in list(self._processes)]

    def submit(self, key: str, task: str, *arguments: Any) -> Future[list[bytes]]:
        """The results of the task's steps. Busy. The future raises Stopped, or OSError if no
        process can be started."""
        job = _Job(key, task, arguments)
        with self._changed:
            queue = self._queues.setdefault(key, deque())
            if len(queue) >= self._max_queued:
                raise Busy
            queue.append(job)
            if len(self._threads) < self._max_processes and self._idle < len(self._queues):
                thread = threading.Thread(target=self._work, name="sandbox", daemon=True)
                self._threads.add(thread)
                thread.start()
            self._changed.notify()
        return job.done

    def run(self, key: str, task: str, *arguments: Any, wait: float | None = None) -> list[bytes]:
        """Like `submit`, but wait for the result. Busy: it did not start within `wait` seconds. A
        task that started is waited for, so that there is progress under any load."""
        done = self.submit(key, task, *arguments)
        try:
            return done.result(wait)
        except TimeoutError:
            if done.cancel():
                raise Busy from None
            return done.result()

    def close(self) -> None:
        """End the processes and drop queued tasks."""
        with self._changed:
            self._is_closed = True
            for queue in self._queues.values():
                for job in queue:
                    job.done.cancel()
            self._queues.clear()
            self._changed.notify_all()
        for process in list(self._processes):
            process.kill()
        for thread in list(self._threads):
            thread.join()

    def _work(self) -> None:
        """One thread per process: it waits while the process works."""
        process: SandboxProcess | None = None
        while (job := self._next()) is not None:
            try:
                if job.done.set_running_or_notify_cancel():
                    process = self._do(job, process)
            finally:
                with self._changed:
                    self._running.discard(job.key)
                    self._changed.notify()
        self._end(process)

    def _next(self) -> _Job | None:
        """Wait for a job. None if there was none for a while, or the sandbox was closed."""
        with self._changed:
            while (job := self._take()) is None:
                is_notified = self._is_closed or self._wait()
                if self._is_closed:
                    return None
                if not is_notified and not self._queues:
                    # From here on `submit` starts a new thread.
                    self._threads.discard(threading.current_thread())
                    return None
            return job

    def _wait(self) -> bool:
        self._idle += 1
        try:
            return self._changed.wait(_IDLE_SECONDS)
        finally:
            self._idle -= 1

    def _take(self) -> _Job | None:
        """The first job of the key that has waited longest and runs nothing."""
        for key, queue in self._queues.items():
            if key not in self._running:
                job = queue.popleft()
                if queue:
                    self._queues.move_to_end(key)
                else:
                    del self._queues[key]
                self._running.add(key)
                return job
        return None

    def _do(self, job: _Job, process: SandboxProcess | None) -> SandboxProcess | None:
        """Run the job; the process that the next one can use, or None."""
        for attempt in range(_ATTEMPTS):
            try:
                process = process or self._start_process()
                job.done.set_result(process.run(job.task, *job.arguments))
                return process
            except Stopped as stopped:
                self._end(process)
                process = None
                if stopped.by_task or self._is_closed or attempt == _ATTEMPTS - 1:
                    job.done.set_exception(stopped)
                    break
            except Exception as error:  # noqa: BLE001 -- raised where the result is waited for
                job.done.set_exception(error)
                break
        return process

    def _start_process(self) -> SandboxProcess:
        process = SandboxProcess(self._limits)
        self._processes.add(process)
        return process

    def _end(self, process: SandboxProcess | None) -> None:
        if process is not None:
            self._processes.discard(process)
            process.close()


class SandboxOfProcess:
    """Call it for this process's sandbox, created on first use: threads do not survive a fork."""

    def __init__(self, create: Callable[[], Sandbox]) -> None:
        self._create = create
        self._sandboxes: dict[int, Sandbox] = {}
        self._lock = threading.Lock()

    def __call__(self) -> Sandbox:
        with self._lock:
            sandbox = self._sandboxes.get(os.getpid())
            if sandbox is None:
                sandbox = self._sandboxes[os.getpid()] = self._create()
            return sandbox

    def close(self) -> None:
        """End the processes, if there are any."""
        with self._lock:
            sandbox = self._sandboxes.pop(os.getpid(), None)
        if sandbox is not None:
            sandbox.close()
