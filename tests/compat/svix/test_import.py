"""`callboard import svix` from Callboard's own Svix dialect."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from flask import Flask

from app.services.accounts import api_keys, organizations
from app.services.accounts.actor import SYSTEM
from callboard.cli.main import run
from tests.http.front.serving import serving

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
ENDPOINT = {
    "url": "https://receiver.example.com/hook",
    "uid": "main",
    "description": "Main receiver",
    "filterTypes": ["user.created", "user.deleted"],
    "channels": ["eu"],
    "rateLimit": 20,
    "secret": SECRET,
    "metadata": {"team": "video"},
    "headers": {"X-Team": "video", "X-Api-Key": "secret"},
}


@pytest.fixture
def server(sqlite_app: Flask) -> Iterator[str]:
    with serving(sqlite_app) as front:
        yield front.url


@pytest.fixture
def source(server: str) -> str:
    """The token of an application with an endpoint and an event type."""
    key = api_keys.create(organizations.create("There").id, "k", actor=SYSTEM).key
    headers = {"Authorization": f"Bearer {key}"}
    [app] = requests.get(f"{server}/api/v1/app", headers=headers, timeout=45).json()["data"]
    path = f"{server}/api/v1/app/{app['id']}/endpoint"
    created = requests.post(path, json=ENDPOINT, headers=headers, timeout=45)
    assert created.status_code == 201, created.text
    document = {"name": "user.created", "description": "New", "schemas": {"1": {"type": "object"}}}
    path = f"{server}/api/v1/event-type"
    created = requests.post(path, json=document, headers=headers, timeout=45)
    assert created.status_code == 201, created.text
    return key


def test_an_import_carries_what_receivers_see_and_can_be_repeated(
    server: str, source: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    key = api_keys.create(organizations.create("Here").id, "k", actor=SYSTEM).key
    monkeypatch.setenv("CALLBOARD_URL", server)
    monkeypatch.setenv("CALLBOARD_API_KEY", key)
    monkeypatch.setenv("SVIX_TOKEN", source)
    monkeypatch.setenv("SVIX_SERVER_URL", server)

    def changes() -> list[Any]:
        assert run(["import", "svix", "--json"]) == 0
        return [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    rows = changes()
    [type_row] = [row for row in rows if row["name"] == "user.created"]
    [webhook_row] = [row for row in rows if row["kind"] == "webhook"]
    assert (type_row["change"], webhook_row["change"]) == ("created", "created")
    assert webhook_row["not_carried"] == ["the value of the header X-Api-Key"]
    headers = {"Authorization": f"Bearer {key}"}
    [listed] = requests.get(f"{server}/api/v1/webhooks", headers=headers, timeout=45).json()["data"]
    path = f"{server}/api/v1/webhooks/{listed['id']}"
    assert requests.get(f"{path}/secret", headers=headers, timeout=45).json()["secret"] == SECRET
    expected = {
        "url": ENDPOINT["url"],
        "preset": "svix",
        "event_types": ["user.created", "user.deleted"],
        "sources": ["eu"],
        "rate_limit_per_second": 20,
        "headers": {"X-Team": "video"},
    }
    assert {name: listed[name] for name in expected} == expected
    assert listed["metadata"]["team"] == "video"
    assert {row["change"] for row in changes()} == {"unchanged"}
