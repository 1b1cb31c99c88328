"""The waiting: for what children say, for their ends, and for signals."""

import os
import selectors
import signal
import time
from collections.abc import Callable
from contextlib import suppress

from app.supervisor.child import Child
from app.supervisor.output import Lines, say

HURRY_SECONDS = 0.5
STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Loop:
    """Children are kept up by `turn()` until a stop is asked for. One thread, since the kernel ties
    each child's life to the thread that started it."""

    def __init__(self) -> None:
        self.children: list[Child] = []
        self.is_stopping = False
        self.is_hurried = False
        self._asked_at = 0.0
        self._selector = selectors.DefaultSelector()
        self._wake, waker = os.pipe()
        for descriptor in (self._wake, waker):
            os.set_blocking(descriptor, False)
        self._selector.register(self._wake, selectors.EVENT_READ, self._drain_wakes)
        signal.set_wakeup_fd(waker, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        for number in STOPPING:
            signal.signal(number, self._ask_to_stop)

    def start(self, child: Child) -> None:
        """Start it and, if it is one that stays, keep it up."""
        self.children.append(child)
        self._launch(child)

    def watch(self, descriptor: int, callback: Callable[[], None]) -> None:
        self._selector.register(descriptor, selectors.EVENT_READ, callback)

    def unwatch(self, descriptor: int) -> None:
        self._selector.unregister(descriptor)

    def until(self, condition: Callable[[], bool], seconds: float, pace: float = 0.02) -> bool:
        """Turn until `condition` holds; False when it did not within `seconds`."""
        deadline = time.monotonic() + seconds
        while not condition():
            if time.monotonic() >= deadline:
                return False
            self.turn(pace)
        return True

    def turn(self, longest: float | None = None) -> None:
        """Wait for something to happen, at most `longest` seconds, and see to it."""
        for key, _ in self._selector.select(self._patience(longest)):
            key.data()
        if not self.is_stopping:
            self._see_to_children()

    def _see_to_children(self) -> None:
        now = time.monotonic()
        for child in list(self.children):
            if child.restart_at is not None:
                if child.restart_at <= now:
                    self._launch(child)
            elif not child.is_running:
                self._mourn(child, now)

    def _mourn(self, child: Child, now: float) -> None:
        self._hear_out(child)
        if child.stays:
            wait = child.plan_restart(now)
            say(f"{child.name} ended ({_ending(child.exit_code or 0)}); again in {wait:g} s.")
        else:
            self.children.remove(child)
        child.on_end()

    def _launch(self, child: Child) -> None:
        lines = child.start()
        self._selector.register(lines.descriptor, selectors.EVENT_READ, self._hear(lines))

    def _hear(self, lines: Lines) -> Callable[[], None]:
        def hear() -> None:
            if not lines.read():
                self._close(lines)

        return hear

    def _hear_out(self, child: Child) -> None:
        """What an ended child said last; what it left running may still hold the pipe."""
        if child.lines is not None and child.lines.descriptor in self._selector.get_map():
            child.lines.read()
            self._close(child.lines)

    def _close(self, lines: Lines) -> None:
        with suppress(KeyError):
            self._selector.unregister(lines.descriptor)

    def _patience(self, longest: float | None) -> float | None:
        due = [child.restart_at for child in self.children if child.restart_at is not None]
        if due and not self.is_stopping:
            left = max(min(due) - time.monotonic(), 0.0)
            return left if longest is None else min(left, longest)
        return longest

    def _drain_wakes(self) -> None:
        with suppress(BlockingIOError):
            os.read(self._wake, 4096)

    def _ask_to_stop(self, number: int, _frame: object) -> None:
        now = time.monotonic()
        if not self.is_stopping:
            self.is_stopping, self._asked_at = True, now
        # A person's second Ctrl-C; what comes at once is the same wish, sent twice.
        elif number == signal.SIGINT and now - self._asked_at > HURRY_SECONDS:
            self.is_hurried = True


def _ending(code: int) -> str:
    return f"exit code {code}" if code >= 0 else f"killed by {signal.Signals(-code).name}"
