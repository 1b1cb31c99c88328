"""Where lines go, and in which format. One for each process."""

import os
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TextIO

from app.runtime.logs.rendering import Renderer, as_json, as_text

LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40}
# Above all levels: no line about a request, event or attempt.
SILENT = 100
FORMATS: Mapping[str, Renderer] = {"text": as_text, "json": as_json}


@dataclass(slots=True)
class Output:
    """process: web, worker or command. level: of LEVELS. stream: None is the error output of the
    moment."""

    process: str = "command"
    level: int = SILENT
    render: Renderer = as_text
    redact: Callable[[str], str] = str
    stream: TextIO | None = None
    _mutex: threading.Lock = field(default_factory=threading.Lock)

    def begin(self, level: str, message: str) -> dict[str, Any]:
        """The fields that each line begins with."""
        return {
            "time": now_text(),
            "level": level,
            "process": self.process,
            "pid": os.getpid(),
            "message": message,
        }

    def write(self, line: str) -> None:
        """A closed output is ignored: nobody could be told."""
        stream = self.stream or sys.stderr
        try:
            with self._mutex:
                stream.write(line + "\n")
                stream.flush()
        except (OSError, ValueError):
            return


_second = (0, "")


def now_text() -> str:
    """UTC with milliseconds: 2026-11-21T10:00:00.000Z."""
    global _second  # noqa: PLW0603 -- a new one each second
    now = time.time()
    second = int(now)
    known, text = _second
    if known != second:
        text = datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%S")
        _second = (second, text)
    return f"{text}.{int((now - second) * 1000):03d}Z"


# Replaced by `setup.configure`. Before that Python's logging writes warnings by itself.
current = Output()
