"""Keep what waits away from the thread of an event loop.

An event loop serves all connections of its process: while it waits, no client gets a response.
Code that may wait for a database, Redis or another process calls `about_to_wait` first.
"""

import threading

_thread = threading.local()


class WouldWait(BaseException):
    """The work must continue in a thread. Not an error, so that no `except Exception` takes it."""


def is_here() -> bool:
    """Whether this thread runs an event loop."""
    return getattr(_thread, "is_loop", False)


def claim_thread() -> None:
    """Declare that this thread runs an event loop from here on."""
    _thread.is_loop = True


def about_to_wait() -> None:
    """WouldWait if this thread runs an event loop."""
    if is_here():
        raise WouldWait
