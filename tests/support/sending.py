"""Shorthands for using the HTTP client in a test."""

import time
from typing import Any

import pytest
import requests

from app.sending.http import clock
from app.sending.http.client import HttpClient
from app.sending.http.outcome import Outcome


def post(url: str, body: bytes = b"x") -> requests.PreparedRequest:
    return requests.Request("POST", url, data=body).prepare()


def collect(client: HttpClient) -> dict[Any, Outcome]:
    """Wait for everything in flight. Returns the outcomes by tag."""
    outcomes = dict(client.poll(0))
    while client.in_flight:
        outcomes.update(client.poll(1.0))
    return outcomes


def send(client: HttpClient, url: str, *, timeout: float = 30.0, **request: Any) -> Outcome:
    """Send a request (POST by default) and wait for its outcome."""
    prepared = requests.Request(request.pop("method", "POST"), url, **request).prepare()
    client.start(prepared, timeout=timeout, tag="one")
    return collect(client)["one"]


def pass_time(client: HttpClient, seconds: float) -> None:
    """As if its loop had waited for this long."""
    client._clock._lost -= seconds


class Stall:
    """`stall(seconds)`: as if the process had been stopped for this long, as another one that uses
    the CPU or SIGSTOP would do."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._stopped = 0.0
        monkeypatch.setattr(clock, "time", self)

    def monotonic(self) -> float:
        return time.monotonic() + self._stopped

    def __call__(self, seconds: float) -> None:
        self._stopped += seconds
