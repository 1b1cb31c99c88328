"""Write lines to the terminal, each with the name of its process; or JSON objects to a log."""

import contextlib
import json
import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime

WIDTH = 10
# Longer lines are split.
MAX_LINE = 32_768
# What lines of our own processes begin with (app/runtime/logs).
_OURS = '{"time":"'

_is_json = False


def use_json(*, is_json: bool) -> None:
    """LOG_FORMAT: whether each line is a JSON object."""
    global _is_json  # noqa: PLW0603 -- one output for each process
    _is_json = is_json


def say(text: str, name: str = "callboard") -> None:
    """text: one or more lines."""
    lines = text.splitlines()
    if _is_json:
        write("".join(f"{_as_object(line, name)}\n" for line in lines if line.strip()))
    else:
        write("".join(f"{name:<{WIDTH}} | {line}\n" for line in lines))


def is_object(line: str) -> bool:
    """Whether a process of ours wrote the line as JSON."""
    return line.startswith(_OURS) and line.endswith("}")


def message_of(line: str) -> str:
    """What a line of a process says, in whatever format."""
    if is_object(line):
        with contextlib.suppress(ValueError):
            return str(json.loads(line)["message"])
    return line


def _as_object(line: str, name: str) -> str:
    if is_object(line):
        return line
    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    fields = {"time": now, "level": "info", "process": name, "pid": os.getpid(), "message": line}
    return json.dumps(fields, separators=(",", ":"))


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
