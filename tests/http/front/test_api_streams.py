"""An API's export of any length: streamed like a page's, and given up with its client."""

import json
from collections.abc import Iterator

import pytest
import requests
from flask import Flask

from app.runtime.context import runtime
from app.services.accounts import api_keys, organizations
from app.services.accounts.actor import SYSTEM
from app.services.webhooks import service as webhooks
from tests.http.front.serving import Serving, serving
from tests.support.waiting import eventually

NUMBER = 30
PATH = "/api/v1/audit-log.ndjson"


@pytest.fixture
def organization_id(sqlite_app: Flask, monkeypatch: pytest.MonkeyPatch) -> str:
    """One with an audit log of many batches."""
    del sqlite_app
    monkeypatch.setattr("app.queries.audit.EXPORTED", 2)
    organization = organizations.create("A")
    for number in range(NUMBER):
        document = {"url": "https://example.com/hook", "name": f"{number}-{'x' * 90}"}
        webhooks.create(organization.id, document, SYSTEM)
    return organization.id


@pytest.fixture
def headers(organization_id: str) -> dict[str, str]:
    created = api_keys.create(organization_id, "archive", ["audit:read"], actor=SYSTEM)
    return {"Authorization": f"Bearer {created.key}"}


@pytest.fixture
def front(sqlite_app: Flask) -> Iterator[Serving]:
    with serving(sqlite_app) as front:
        yield front


def test_an_export_arrives_whole_and_in_parts(front: Serving, headers: dict[str, str]) -> None:
    url = f"{front.url}{PATH}?action=webhook.create"
    response = requests.get(url, headers=headers, timeout=45)
    assert response.headers["Transfer-Encoding"] == "chunked"
    assert response.headers["Content-Type"] == "application/x-ndjson"
    names = [json.loads(line)["object"]["name"] for line in response.iter_lines()]
    assert [int(name.partition("-")[0]) for name in names] == list(reversed(range(NUMBER)))


def test_an_export_is_refused_in_the_shape_of_the_api(
    front: Serving, headers: dict[str, str]
) -> None:
    refused = requests.get(f"{front.url}{PATH}?limit=1001", headers=headers, timeout=45)
    assert refused.status_code == 422
    assert refused.headers["Content-Type"] == "application/problem+json"
    assert requests.get(f"{front.url}{PATH}", timeout=45).status_code == 401


def test_a_client_that_leaves_makes_room_for_the_next_export(
    front: Serving, headers: dict[str, str], organization_id: str
) -> None:
    with requests.get(f"{front.url}{PATH}", headers=headers, timeout=45, stream=True) as response:
        assert response.raw.read(1)
    slots = runtime().exports
    eventually(lambda: slots.acquire(organization_id) is not None)


def test_head_says_what_get_would_and_occupies_nothing(
    front: Serving, headers: dict[str, str], organization_id: str
) -> None:
    response = requests.head(f"{front.url}{PATH}", headers=headers, timeout=45)
    assert (response.status_code, response.content) == (200, b"")
    assert response.headers["Content-Type"] == "application/x-ndjson"
    assert runtime().exports.acquire(organization_id) is not None
