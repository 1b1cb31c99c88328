"""A video company as the pictures show it: real encodings, and receivers that have their days."""

import random
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from tests.support.product import ROOT, Product
from tests.support.receiver import Receiver

TITLES = (
    "Harbour at dawn", "The last tram", "Northern lights over Senja", "How bread is made",
    "Council meeting, part 2", "Weather at six", "A lighthouse in winter", "Second half, camera 3",
)  # fmt: skip
RECEIVERS = ("ingest", "cms", "aurora", "archive", "figures")
# By its preset's policy a delivery would be tried for hours; these are given up within a minute.
BRIEF = {"kind": "schedule", "delays_seconds": [2, 6, 18]}
PATIENT = {"kind": "exponential", "max_attempts": 8, "base_seconds": 3, "factor": 3}
WEBHOOKS: dict[str, dict[str, Any]] = {
    "ingest": {"name": "Production ingest", "preset": "encoding"},
    "cms": {"name": "Website", "preset": "form_callback", "api_key": "a-key-of-the-website"},
    "aurora": {"name": "Partner: Aurora TV", "preset": "encoding", "retry_policy": PATIENT},
    "archive": {"name": "Tape archive", "method": "PUT", "retry_policy": BRIEF},
    "figures": {"name": "Viewing figures", "timeout_seconds": 1, "retry_policy": BRIEF},
}
PATHS = {"ingest": "hooks/video", "cms": "callback.php", "aurora": "v2/inbox/northlight"}
TIRED = ([("Content-Type", "application/json")], b'{"error": "maintenance", "until": "14:30"}')


class Studio:
    """One organization. api_key: of its producer. hooks: ids of webhooks, by a word for each."""

    def __init__(self, product: Product, directory: Path) -> None:
        self._product, self._directory = product, directory
        self._chance = random.Random(7)  # noqa: S311 - nothing hangs on it
        self._receivers = {name: Receiver() for name in RECEIVERS}
        [organization] = self.call("GET", "/organizations")["data"]
        self.id = str(organization["id"])
        path = f"/organizations/{self.id}/api-keys"
        self.api_key = str(self.call("POST", path, {"name": "Encoders"})["key"])
        self.hooks = {name: self._hook(name, settings) for name, settings in WEBHOOKS.items()}

    def call(self, method: str, path: str, json: Any = None) -> Any:
        org = getattr(self, "id", None)
        answer = self._product.api(method, f"/api/v1{path}", json, org)
        assert answer.ok, answer.text
        return answer.json()

    def _hook(self, name: str, settings: dict[str, Any]) -> str:
        url = f"http://{name}.localhost:{self._receivers[name].port}/{PATHS.get(name, 'hooks')}"
        return self.make({**settings, "url": url})

    def make(self, settings: dict[str, Any]) -> str:
        """The id of a new webhook."""
        return str(self.call("POST", "/webhooks", settings)["id"])

    def work(self, minutes: float) -> None:
        """Encode one short video after the other. Towards the end the archive goes away, and the
        partner has trouble."""
        begun = time.monotonic()
        while (share := (time.monotonic() - begun) / (60 * minutes)) < 1:
            self._trouble(share)
            self._encode()
            # As busy as a day has its hours, in a few minutes.
            time.sleep(self._chance.uniform(1, 6) if share < 0.9 else 1)
            for receiver in self._receivers.values():
                receiver.clear()

    def _trouble(self, share: float) -> None:
        aurora, figures = self._receivers["aurora"], self._receivers["figures"]
        if share > 0.92 or 0.4 < share < 0.45:
            aurora.respond(503, *TIRED)
        else:
            aurora.respond(200)
            aurora.respond(503, *TIRED, times=self._chance.randrange(4))
        self._receivers["cms"].respond(delay=self._chance.uniform(0.05, 0.4))
        self._receivers["ingest"].respond(204, delay=self._chance.uniform(0, 0.06))
        figures.respond(delay=3 if 0.6 < share < 0.8 else 0.2)
        figures.respond(delay=3, times=self._chance.choice((0, 0, 3)))
        if share <= 0.6:
            # A connection that is kept would outlive the receiver.
            self._receivers["archive"].respond(200, [("Connection", "close")])
        elif "archive" in self._receivers:
            self._receivers.pop("archive").close()

    def _encode(self) -> None:
        given = ["--url", self._product.url, "--key", self.api_key, "--user", "northlight"]
        given += ["--out", str(self._directory), "--title", self._chance.choice(TITLES)]
        if self._chance.random() < 0.1:
            given += ["--video", __file__]
        chosen = self._chance.choice(("144p", "144p,240p", "240p"))
        seconds = f"{self._chance.uniform(0.5, 2):.1f}"
        command = [sys.executable, str(ROOT / "examples" / "producer.py"), *given]
        command += ["--qualities", chosen, "--seconds", seconds]
        subprocess.run(command, check=False, capture_output=True, timeout=60)

    def story(self) -> str:
        """The id of a delivery with a few attempts behind it and one ahead."""
        asked = f"webhook_id={self.hooks['aurora']}&state=retrying"
        found = self.call("GET", f"/deliveries?limit=200&{asked}")["data"]
        return str(next((row for row in found if row["attempt_count"] == 3), found[0])["id"])

    def close(self) -> None:
        for receiver in self._receivers.values():
            receiver.close()


def sign_in_link(product: Product) -> str:
    """As it is printed at the first start, a moment after the product is ready."""
    until = time.monotonic() + 20
    while not (found := re.search(rf"{product.url}/sign-in/link/\S+", product.output())):
        assert time.monotonic() < until, product.output()
        time.sleep(0.05)
    return found[0]
