"""Shorthands for using the HTTP client in a test."""

from typing import Any

import requests

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


def send(client: HttpClient, url: str, *, timeout: float = 5.0, **request: Any) -> Outcome:
    """Send a request (POST by default) and wait for its outcome."""
    prepared = requests.Request(request.pop("method", "POST"), url, **request).prepare()
    client.start(prepared, timeout=timeout, tag="one")
    return collect(client)["one"]
