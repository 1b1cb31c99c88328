"""Producers that repeat each request with the same idempotency keys until it is accepted."""

import random
import threading
import time
from typing import Any

import requests

from tests.support.product import PLATFORM_KEY
from torture.history import History

TYPES = ("torture.a", "torture.b", "torture.ordered")
KEYS, BATCH = 3, 8
# Between two requests of one producer, and before one is repeated.
PAUSE_SECONDS, RETRY_SECONDS = 0.15, 0.3


class Producer(threading.Thread):
    """One of several. It sends one request at a time, so the events of its ordering keys are
    accepted in the order of their numbers."""

    def __init__(self, name: str, url: str, organization_id: str, history: History) -> None:
        super().__init__(name=name, daemon=True)
        self._url, self._history = f"{url}/api/v1/events", history
        self._headers = {
            "Authorization": f"Bearer {PLATFORM_KEY}",
            "Callboard-Organization": organization_id,
        }
        self._is_stopped = threading.Event()
        self._count = 0
        self._numbers = [0] * KEYS

    def stop(self) -> None:
        """It ends once its last request has been accepted."""
        self._is_stopped.set()

    def run(self) -> None:
        while not self._is_stopped.is_set():
            size = BATCH if random.random() < 0.2 else 1
            self._send([self._event() for _ in range(size)])
            time.sleep(random.uniform(0, 2 * PAUSE_SECONDS))

    def _event(self) -> dict[str, Any]:
        self._count += 1
        name = f"{self.name}-{self._count}"
        event = {"id": name, "type": random.choice(TYPES), "payload": {"event": name}}
        number = 0
        if event["type"] == "torture.ordered":
            key = random.randrange(KEYS)
            self._numbers[key] += 1
            number, event["ordering_key"] = self._numbers[key], f"{self.name}-{key}"
        self._history.add(
            "sent", event=name, type=event["type"], key=event.get("ordering_key"), number=number
        )
        return event

    def _send(self, events: list[dict[str, Any]]) -> None:
        is_batch = len(events) > 1
        document = {"events": events} if is_batch else events[0]
        url = f"{self._url}/batch" if is_batch else self._url
        while True:
            began, answers = time.monotonic(), []
            try:
                response = requests.post(url, json=document, headers=self._headers, timeout=15)
                status = response.status_code
                if response.ok:
                    answers = response.json()["events"] if is_batch else [response.json()]
            except (requests.RequestException, ValueError):
                status = 0
            seconds = time.monotonic() - began
            for event in events:
                self._history.add("answered", event=event["id"], status=status, seconds=seconds)
            for event, reply in zip(events, answers, strict=False):
                deliveries = {d["webhook_id"]: d["id"] for d in reply["deliveries"]}
                self._history.add(
                    "accepted", event=event["id"], event_id=reply["id"], deliveries=deliveries
                )
            # What is refused for good is not repeated; the checker does not expect it.
            if answers or (400 <= status < 500 and status != 429):
                return
            time.sleep(RETRY_SECONDS)
