"""The lines that a process writes to its log."""

import json
import logging
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from typing import Any

from app.runtime.logs import output, setup


class Log:
    """text: everything that was written."""

    def __init__(self) -> None:
        self.stream = StringIO()

    @property
    def text(self) -> str:
        return self.stream.getvalue()

    @property
    def lines(self) -> list[dict[str, Any]]:
        """Each must be one JSON object."""
        return [json.loads(line) for line in self.text.splitlines()]

    def about(self, message: str) -> list[dict[str, Any]]:
        return [line for line in self.lines if line["message"] == message]


@contextmanager
def logging_to(process: str = "web", **environ: str) -> Iterator[Log]:
    """Configure the logs of this process, as JSON unless `environ` says otherwise."""
    log, root = Log(), logging.getLogger()
    before = (output.current, root.level, list(root.handlers), sys.excepthook, threading.excepthook)
    setup.configure(process, {"LOG_FORMAT": "json"} | environ, stream=log.stream)
    try:
        yield log
    finally:
        output.current, level, root.handlers[:], sys.excepthook, threading.excepthook = before
        root.setLevel(level)
        logging.captureWarnings(False)
