"""Short ways to use a wire in a test."""

from typing import Any

import requests

from app.sending.http.client import HttpClient
from app.sending.http.outcome import Outcome


def post(url: str, body: bytes = b"x") -> requests.PreparedRequest:
    return requests.Request("POST", url, data=body).prepare()


def collect(wire: HttpClient) -> dict[Any, Outcome]:
    """What becomes of all that is in flight, by tag."""
    outcomes = dict(wire.poll(0))
    while wire.in_flight:
        outcomes.update(wire.poll(1.0))
    return outcomes


def send(wire: HttpClient, url: str, *, timeout: float = 5.0, **request: Any) -> Outcome:
    """POST, unless told otherwise, and wait."""
    prepared = requests.Request(request.pop("method", "POST"), url, **request).prepare()
    wire.start(prepared, timeout=timeout, tag="one")
    return collect(wire)["one"]
