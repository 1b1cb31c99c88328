"""Wait for output of the processes, for their exit, and for signals."""

import os
import selectors
import signal
import time
from collections.abc import Callable
from contextlib import suppress

from app.supervisor.child import Child
from app.supervisor.output import Lines, say

FORCE_AFTER_SECONDS = 0.5
STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Loop:
    """`turn()` restarts children until a stop is requested. Single-threaded, because the death
    signal of a child depends on the thread that started it."""

    def __init__(self) -> None:
        self.children: list[Child] = []
        self.is_stopping = False
        self.is_forced = False
        # Set by SIGUSR2; the supervisor resets it.
        self.is_upgrade_requested = False
        self._stop_requested_at = 0.0
        self._selector = selectors.DefaultSelector()
        self._wake, waker = os.pipe()
        for descriptor in (self._wake, waker):
            os.set_blocking(descriptor, False)
        self._selector.register(self._wake, selectors.EVENT_READ, self._clear_wakes)
        signal.set_wakeup_fd(waker, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        for number in STOPPING:
            signal.signal(number, self._on_stop_signal)
        signal.signal(signal.SIGUSR2, self._on_upgrade_signal)

    def start(self, child: Child) -> None:
        """Start the child, and restart it when it ends if it is one that restarts."""
        self.children.append(child)
        self._launch(child)

    def watch(self, descriptor: int, callback: Callable[[], None]) -> None:
        self._selector.register(descriptor, selectors.EVENT_READ, callback)

    def unwatch(self, descriptor: int) -> None:
        self._selector.unregister(descriptor)

    def until(self, condition: Callable[[], bool], seconds: float, pace: float = 0.02) -> bool:
        """Turn until `condition` holds; False if it does not hold within `seconds`."""
        deadline = time.monotonic() + seconds
        while not condition():
            if time.monotonic() >= deadline:
                return False
            self.turn(pace)
        return True

    def turn(self, timeout: float | None = None) -> None:
        """Wait up to `timeout` seconds for an event and handle it."""
        for key, _ in self._selector.select(self._until_restart(timeout)):
            key.data()
        if not self.is_stopping:
            self._check_children()

    def _check_children(self) -> None:
        now = time.monotonic()
        for child in list(self.children):
            if child.restart_at is not None:
                if child.restart_at <= now:
                    self._launch(child)
            elif not child.is_running:
                self._on_exit(child, now)

    def _on_exit(self, child: Child, now: float) -> None:
        self._drain_output(child)
        if child.restarts:
            delay = child.plan_restart(now)
            say(f"{child.name} ended ({_ending(child.exit_code or 0)}); restart in {delay:g} s.")
        else:
            self.children.remove(child)
        child.on_exit()

    def _launch(self, child: Child) -> None:
        lines = child.start()
        self._selector.register(lines.descriptor, selectors.EVENT_READ, self._reader(lines))

    def _reader(self, lines: Lines) -> Callable[[], None]:
        def read() -> None:
            if not lines.read():
                self._close(lines)

        return read

    def _drain_output(self, child: Child) -> None:
        """Read its last output. Processes that it left running may still hold the pipe open."""
        if child.lines is not None and child.lines.descriptor in self._selector.get_map():
            child.lines.read()
            self._close(child.lines)

    def _close(self, lines: Lines) -> None:
        with suppress(KeyError):
            self._selector.unregister(lines.descriptor)

    def _until_restart(self, timeout: float | None) -> float | None:
        """Seconds until the next restart is due, at most `timeout`."""
        due = [child.restart_at for child in self.children if child.restart_at is not None]
        if due and not self.is_stopping:
            left = max(min(due) - time.monotonic(), 0.0)
            return left if timeout is None else min(left, timeout)
        return timeout

    def _clear_wakes(self) -> None:
        with suppress(BlockingIOError):
            os.read(self._wake, 4096)

    def _on_stop_signal(self, number: int, _frame: object) -> None:
        now = time.monotonic()
        if not self.is_stopping:
            self.is_stopping, self._stop_requested_at = True, now
        # A second Ctrl-C. Terminals may send the first one twice.
        elif number == signal.SIGINT and now - self._stop_requested_at > FORCE_AFTER_SECONDS:
            self.is_forced = True

    def _on_upgrade_signal(self, _number: int, _frame: object) -> None:
        self.is_upgrade_requested = True


def _ending(code: int) -> str:
    return f"exit code {code}" if code >= 0 else f"killed by {signal.Signals(-code).name}"
