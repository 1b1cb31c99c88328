"""Lines on the terminal, each with the name of the process that said it."""

import contextlib
import os
import sys
from collections.abc import Callable

WIDTH = 10
# A process that prints without end of line is cut here.
LONGEST_LINE = 16_384


def say(text: str, name: str = "callboard") -> None:
    """One line, or several."""
    write("".join(f"{name:<{WIDTH}} | {line}\n" for line in text.splitlines()))


def write(text: str) -> None:
    """As it is, for what is to be copied. Nobody listening any more is no reason to stop."""
    with contextlib.suppress(OSError, ValueError):
        sys.stdout.write(text)
        sys.stdout.flush()


class Lines:
    """Turns what a process writes into its pipe into lines, and passes each to `tell`."""

    def __init__(self, descriptor: int, tell: Callable[[str], None]) -> None:
        self.descriptor = descriptor
        self._tell = tell
        self._rest = b""

    def read(self) -> bool:
        """Pass on what has come; False when the pipe is closed."""
        try:
            data = os.read(self.descriptor, 65_536)
        except BlockingIOError:
            return True
        *whole, self._rest = (self._rest + data).split(b"\n")
        if not data or len(self._rest) > LONGEST_LINE:
            whole, self._rest = [*whole, self._rest], b""
        for line in whole:
            if line.strip():
                self._tell(line.decode(errors="replace").rstrip())
        return bool(data)
