"""Write lines to the terminal, each with the name of its process."""

import contextlib
import os
import sys
from collections.abc import Callable

WIDTH = 10
# Longer lines are split.
MAX_LINE = 16_384


def say(text: str, name: str = "callboard") -> None:
    """text: one or more lines."""
    write("".join(f"{name:<{WIDTH}} | {line}\n" for line in text.splitlines()))


def write(text: str) -> None:
    """Write `text` unchanged. A closed terminal is ignored."""
    with contextlib.suppress(OSError, ValueError):
        sys.stdout.write(text)
        sys.stdout.flush()


class Lines:
    """Split the output of a process into lines and pass each to `on_line`."""

    def __init__(self, descriptor: int, on_line: Callable[[str], None]) -> None:
        self.descriptor = descriptor
        self._on_line = on_line
        self._rest = b""

    def read(self) -> bool:
        """Pass on new lines; False if the pipe is closed."""
        try:
            data = os.read(self.descriptor, 65_536)
        except BlockingIOError:
            return True
        *whole, self._rest = (self._rest + data).split(b"\n")
        if not data or len(self._rest) > MAX_LINE:
            whole, self._rest = [*whole, self._rest], b""
        for line in whole:
            if line.strip():
                self._on_line(line.decode(errors="replace").rstrip())
        return bool(data)
