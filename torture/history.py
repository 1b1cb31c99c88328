"""The history of a run: one JSON object per line, with monotonic seconds in `at`.

    {"kind": "webhook", "webhook": id, "types": [...] or null, "ordered": bool, "at"}
    {"kind": "sent", "event": producer's id, "type", "key": ordering key or null, "number", "at"}
    {"kind": "accepted", "event", "event_id": ours, "deliveries": {webhook: delivery id}, "at"}
    {"kind": "answered", "event", "status": 0 if there was no response, "seconds", "at"}
    {"kind": "received", "webhook", "event", "event_id", "delivery", "identity": webhook-id,
     "status": of the response, 0 if it could not be sent, "began", "at": just before it was sent}
    {"kind": "fault", "name", "began", "at": when it was over}

number: the position within the ordering key, in the order of acceptance.
"""

import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

Line = dict[str, Any]


class History:
    """Any thread may add to it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = path.open("a")
        self._mutex = threading.Lock()

    def add(self, kind: str, **fields: Any) -> None:
        """fields: `at` may be among them; now, otherwise."""
        line = json.dumps({"kind": kind, "at": time.monotonic(), **fields})
        with self._mutex:
            if not self._file.closed:
                self._file.write(line + "\n")

    def close(self) -> None:
        with self._mutex:
            self._file.close()


def read(path: Path) -> Iterator[Line]:
    with path.open() as lines:
        for line in lines:
            yield json.loads(line)
