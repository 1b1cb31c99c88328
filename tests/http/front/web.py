"""What the tests of the front ask a web process."""

from dataclasses import dataclass
from typing import Any

import requests

from tests.support.raw_client import RawClient, request_bytes

EVENTS = "/api/v1/events"
EVENT = b'{"type":"video.ready","payload":{"a":1}}'


@dataclass(frozen=True)
class Web:
    """headers: credentials of the organization."""

    url: str
    headers: dict[str, str]

    def client(self) -> RawClient:
        return RawClient(self.url)

    def event(self, body: bytes = EVENT, **more: str) -> bytes:
        """A request that posts an event."""
        headers = self.headers | {"Content-Type": "application/json"} | more
        return request_bytes("POST", EVENTS, headers, body)

    def head(self, **more: str) -> bytes:
        """The header of a request that posts an event, without its length and end."""
        headers = self.headers | {"Content-Type": "application/json"} | more
        return request_bytes("POST", EVENTS, headers)[:-2]

    def get(self, path: str, **headers: str) -> Any:
        return requests.get(f"{self.url}{path}", headers=self.headers | headers, timeout=45)

    def stored(self, kind: str) -> int:
        """How many of the last 200 events have this type."""
        events = self.get(f"{EVENTS}?limit=200&type={kind}").json()["data"]
        return len(events)
