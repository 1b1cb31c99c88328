"""What the receiver writes down is never later than what its sender knows."""

import threading
import time
from pathlib import Path
from typing import Any

import requests

from torture.history import History, read
from torture.receiver import Receiver

HEADERS = {"X-Callboard-Event-Id": "e", "X-Callboard-Delivery-Id": "d", "webhook-id": "m"}


class _SlowHistory(History):
    """Continues once the sender has its response, as on a machine that has much to do."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.may_go_on, self.has_line = threading.Event(), threading.Event()

    def add(self, kind: str, **fields: Any) -> None:
        assert self.may_go_on.wait(10)
        super().add(kind, **fields)
        self.has_line.set()


def test_a_request_ends_before_its_sender_has_the_response(tmp_path: Path) -> None:
    """Otherwise the next one of its ordering key seems to come too early."""
    history = _SlowHistory(tmp_path / "history.ndjson")
    receiver = Receiver(history)
    try:
        document = {"data": {"event": "p0-1"}}
        requests.post(f"{receiver.url}/ordered", json=document, headers=HEADERS, timeout=10)
        answered = time.monotonic()
        history.may_go_on.set()
        assert history.has_line.wait(10)
    finally:
        receiver.close()
        history.close()
    (line,) = read(history.path)
    assert line["status"] == 200
    assert line["began"] <= line["at"] <= answered
