"""Producers that post all the time while a fault is injected, and what they were told."""

import threading
import time
from dataclasses import dataclass, field

import requests

from tests.support.product import Product

# A request may take longer where the machine is busy or stands still; the usual one may not.
USUAL_SECONDS, MOST_SECONDS = 1.0, 8.0


@dataclass(frozen=True, slots=True)
class Answer:
    """status: 0 if there was no response. at, seconds: monotonic."""

    status: int
    at: float
    seconds: float
    headers: dict[str, str]


@dataclass(slots=True)
class Producers:
    """Post events until `stop`. accepted: ids of events that got a 2xx. said: how much the product
    had printed before."""

    product: Product
    organization_id: str
    threads: int = 4
    said: int = 0
    answers: list[Answer] = field(default_factory=list)
    accepted: set[str] = field(default_factory=set)
    _is_stopped: threading.Event = field(default_factory=threading.Event)
    _running: list[threading.Thread] = field(default_factory=list)

    def start(self) -> "Producers":
        self._running = [threading.Thread(target=self._run, args=(n,)) for n in range(self.threads)]
        for thread in self._running:
            thread.start()
        return self

    def stop(self) -> None:
        self._is_stopped.set()
        for thread in self._running:
            thread.join()

    def between(self, since: float, until: float) -> list[Answer]:
        """Answers to requests that began in this time."""
        return [a for a in self.answers if since <= a.at - a.seconds <= until]

    def _run(self, number: int) -> None:
        count = 0
        while not self._is_stopped.is_set():
            count += 1
            event_id, began = f"event-{number}-{count}", time.monotonic()
            document = {"id": event_id, "type": "a.b", "payload": {}}
            try:
                response = self.product.api(
                    "POST", "/api/v1/events", document, org=self.organization_id
                )
            except requests.RequestException:
                self._note(0, began, {})
                continue
            self._note(response.status_code, began, dict(response.headers))
            if response.ok:
                self.accepted.add(event_id)
            time.sleep(0.01)

    def _note(self, status: int, began: float, headers: dict[str, str]) -> None:
        now = time.monotonic()
        self.answers.append(Answer(status, now, now - began, headers))


def assert_refused_quickly(answers: list[Answer]) -> None:
    """503 with Retry-After, and none that took long."""
    assert answers, "nothing was asked"
    statuses = {reply.status for reply in answers}
    assert statuses == {503}, statuses
    assert all("Retry-After" in reply.headers for reply in answers)
    times = sorted(reply.seconds for reply in answers)
    assert times[len(times) // 2] < USUAL_SECONDS, times
    assert times[-1] < MOST_SECONDS, times
