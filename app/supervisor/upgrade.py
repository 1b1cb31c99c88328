"""Replace the running processes by those of the release that is on disk now.

The web processes are replaced one set after the other on the same open socket, so that no
connection is refused. If the new release does not start, the running one continues.
"""

import os
import signal
from collections.abc import Callable

from app.supervisor.child import Child
from app.supervisor.loop import Loop
from app.supervisor.output import say
from app.supervisor.predecessor import Predecessor

# How long the new web processes may take to load, and old processes to end.
READY_SECONDS, END_SECONDS = 60.0, 6.0
# Longer than a whole Callboard may take to stop.
PREDECESSOR_SECONDS = 20.0


def start_web(loop: Loop, start: Callable[[int], Child]) -> Child | None:
    """Start web processes and wait until they serve requests. None if they do not start.

    start: takes a pipe in which they write a byte once they are ready."""
    ready, signal_ready = os.pipe()
    os.set_blocking(ready, False)
    new = start(signal_ready)
    # One that cannot load is not restarted.
    new.restarts = False
    loop.start(new)
    is_ready = False

    def is_settled() -> bool:
        nonlocal is_ready
        try:
            is_ready = is_ready or bool(os.read(ready, 1))
        except BlockingIOError:
            is_ready = False
        return is_ready or not new.is_running or loop.is_stopping

    loop.until(is_settled, READY_SECONDS)
    if not is_ready:
        os.close(signal_ready)
        os.close(ready)
        if not loop.is_stopping:
            say("The new release does not start; the running one continues. See the lines above.")
        _end(loop, new)
        return None
    # The pipe stays open: web processes that are started again later write to it, too.
    new.restarts = True
    return new


def replace_web(loop: Loop, old: Child, start: Callable[[int], Child]) -> Child:
    """Start new web processes, then end the old ones. Returns the processes that run from now on:
    the old ones if the new ones do not start."""
    new = start_web(loop, start)
    if new is None:
        return old
    _end(loop, old)
    return new


def replace_worker(loop: Loop, old: Child, new: Child) -> None:
    """Start a delivery worker, then end the one that it replaces."""
    loop.start(new)
    _end(loop, old)


def end(loop: Loop, predecessor: Predecessor) -> None:
    """Stop the running Callboard that a new one replaces."""
    predecessor.stop()
    if not loop.until(lambda: predecessor.has_ended, PREDECESSOR_SECONDS):
        say(f"Process {predecessor.pid} did not stop in time; killing it.")
        predecessor.kill()


def _end(loop: Loop, child: Child) -> None:
    child.restarts = False
    child.signal(signal.SIGTERM)
    loop.until(lambda: not child.is_running or loop.is_forced, END_SECONDS)
    if child.is_running:
        say(f"{child.name} did not stop in time; killing it.")
        child.kill_group()
        loop.until(lambda: not child.is_running, END_SECONDS)
    # Read its last output, unless the stop of everything does.
    loop.turn(0.0)
