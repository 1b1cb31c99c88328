"""Producers in front of several web hosts, which try the next one when one does not accept."""

import threading
import time
from dataclasses import dataclass, field
from itertools import pairwise

import requests

from tests.support.product import PLATFORM_KEY

THREADS = 4


@dataclass(slots=True)
class Producers:
    """Post to one web after the other, each event until it is accepted: (monotonic, status).

    seconds: how long a producer waits for an answer; without one the status is 0.
    """

    urls: list[str]
    organization_id: str
    seconds: float = 3
    answers: list[tuple[float, int]] = field(default_factory=list)
    accepted: list[tuple[float, str]] = field(default_factory=list)
    _is_stopped: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def start(self) -> "Producers":
        self._threads = [
            threading.Thread(target=self._run, args=(number,)) for number in range(THREADS)
        ]
        for thread in self._threads:
            thread.start()
        return self

    def stop(self) -> None:
        self._is_stopped.set()
        for thread in self._threads:
            thread.join()

    def silence(self, since: float) -> float:
        """The longest time without an accepted event, in seconds."""
        times = sorted(at for at, _ in self.accepted if at >= since)
        return max(after - before for before, after in pairwise(times))

    def _run(self, number: int) -> None:
        count = turn = 0
        while not self._is_stopped.is_set():
            count += 1
            event = {"id": f"e-{number}-{count}", "type": "a.b", "payload": {}}
            while self._post(self.urls[(number + turn) % len(self.urls)], event) != 202:
                if self._is_stopped.is_set():
                    return
                turn += 1
                time.sleep(0.05)
            self.accepted.append((time.monotonic(), event["id"]))
            time.sleep(0.02)

    def _post(self, url: str, event: dict[str, object]) -> int:
        headers = {
            "Authorization": f"Bearer {PLATFORM_KEY}",
            "Callboard-Organization": self.organization_id,
        }
        try:
            response = requests.post(
                f"{url}/api/v1/events", json=event, headers=headers, timeout=self.seconds
            )
            status = response.status_code
        except requests.RequestException:
            status = 0
        self.answers.append((time.monotonic(), status))
        return status
