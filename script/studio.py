"""A video company for the screenshots: real encodings, and receivers that sometimes fail."""

import random
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from tests.support.product import ROOT, Product
from tests.support.servers.receiver import Receiver

TITLES = (
    "Harbour at dawn", "The last tram", "Northern lights over Senja", "How bread is made",
    "Council meeting, part 2", "Weather at six", "A lighthouse in winter", "Second half, camera 3",
)  # fmt: skip
RECEIVERS = ("ingest", "cms", "aurora", "archive", "figures")
# Fails within a minute; the policies of the presets retry for hours.
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
MAINTENANCE = (
    [("Content-Type", "application/json")],
    b'{"error": "maintenance", "until": "14:30"}',
)


class Studio:
    """One organization. api_key: of its producer. webhook_ids: by the keys of WEBHOOKS."""

    def __init__(self, product: Product, directory: Path) -> None:
        self._product, self._directory = product, directory
        self._chance = random.Random(7)  # noqa: S311 - not for security
        self._receivers = {name: Receiver() for name in RECEIVERS}
        [organization] = self.call("GET", "/organizations")["data"]
        self.id = str(organization["id"])
        path = f"/organizations/{self.id}/api-keys"
        self.api_key = str(self.call("POST", path, {"name": "Encoders"})["key"])
        self.webhook_ids = {
            name: self._create_webhook(name, settings) for name, settings in WEBHOOKS.items()
        }

    def call(self, method: str, path: str, json: Any = None) -> Any:
        org = getattr(self, "id", None)
        response = self._product.api(method, f"/api/v1{path}", json, org)
        assert response.ok, response.text
        return response.json()

    def _create_webhook(self, name: str, settings: dict[str, Any]) -> str:
        url = f"http://{name}.localhost:{self._receivers[name].port}/{PATHS.get(name, 'hooks')}"
        return self.create({**settings, "url": url})

    def create(self, settings: dict[str, Any]) -> str:
        """Create a webhook and return its id."""
        return str(self.call("POST", "/webhooks", settings)["id"])

    def work(self, minutes: float) -> None:
        """Encode one short video after another. Near the end the archive goes offline, and the
        partner responds with errors."""
        started = time.monotonic()
        while (share := (time.monotonic() - started) / (60 * minutes)) < 1:
            self._set_responses(share)
            self._encode()
            # Irregular load, as over a day.
            time.sleep(self._chance.uniform(1, 6) if share < 0.9 else 1)
            for receiver in self._receivers.values():
                receiver.clear()

    def _set_responses(self, share: float) -> None:
        aurora, figures = self._receivers["aurora"], self._receivers["figures"]
        if share > 0.92 or 0.4 < share < 0.45:
            aurora.respond(503, *MAINTENANCE)
        else:
            aurora.respond(200)
            aurora.respond(503, *MAINTENANCE, times=self._chance.randrange(4))
        self._receivers["cms"].respond(delay=self._chance.uniform(0.05, 0.4))
        self._receivers["ingest"].respond(204, delay=self._chance.uniform(0, 0.06))
        figures.respond(delay=3 if 0.6 < share < 0.8 else 0.2)
        figures.respond(delay=3, times=self._chance.choice((0, 0, 3)))
        if share <= 0.6:
            # An open connection would outlive the receiver.
            self._receivers["archive"].respond(200, [("Connection", "close")])
        elif "archive" in self._receivers:
            self._receivers.pop("archive").close()

    def _encode(self) -> None:
        arguments = ["--url", self._product.url, "--key", self.api_key, "--user", "northlight"]
        arguments += ["--out", str(self._directory), "--title", self._chance.choice(TITLES)]
        if self._chance.random() < 0.1:
            arguments += ["--video", __file__]
        qualities = self._chance.choice(("144p", "144p,240p", "240p"))
        seconds = f"{self._chance.uniform(0.5, 2):.1f}"
        command = [sys.executable, str(ROOT / "examples" / "producer.py"), *arguments]
        command += ["--qualities", qualities, "--seconds", seconds]
        subprocess.run(command, check=False, capture_output=True, timeout=60)

    def story(self) -> str:
        """Return the id of a delivery with three attempts that will be retried."""
        filters = f"webhook_id={self.webhook_ids['aurora']}&state=retrying"
        rows = self.call("GET", f"/deliveries?limit=200&{filters}")["data"]
        return str(next((row for row in rows if row["attempt_count"] == 3), rows[0])["id"])

    def close(self) -> None:
        for receiver in self._receivers.values():
            receiver.close()


def sign_in_link(product: Product) -> str:
    """Return the link that the product prints shortly after its first start."""
    until = time.monotonic() + 20
    while not (match := re.search(rf"{product.url}/sign-in/link/\S+", product.output())):
        assert time.monotonic() < until, product.output()
        time.sleep(0.05)
    return match[0]
