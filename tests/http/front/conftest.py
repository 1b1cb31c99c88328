from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from flask import Flask

from app.services.accounts import api_keys, organizations
from app.services.accounts.actor import SYSTEM
from tests.deploy.tools import programs
from tests.http.front.web import Web
from tests.support.databases import SqliteTemplate
from tests.support.servers.ports import free_port


@pytest.fixture(scope="session")
def web(
    sqlite_template: SqliteTemplate, redis_server_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Web]:
    """A real web process, and an organization."""
    directory: Path = tmp_path_factory.mktemp("front")
    environ = programs.settings(
        directory,
        sqlite_template.copy(directory),
        redis_server_url,
        PORT=str(free_port()),
        TRUSTED_PROXIES="1",
        API_RATE_LIMIT="100000",
    )
    url = f"http://127.0.0.1:{environ['PORT']}"
    with programs.running(programs.GUNICORN, environ, directory, f"{url}/healthz"):
        key = {"Authorization": f"Bearer {programs.PLATFORM_KEY}"}
        created = requests.post(
            f"{url}/api/v1/organizations", json={"name": "A"}, headers=key, timeout=20
        )
        yield Web(url, {**key, "Callboard-Organization": created.json()["id"]})


@pytest.fixture
def headers(sqlite_app: Flask) -> dict[str, str]:
    """Credentials of a producer."""
    organization = organizations.create("A")
    created = api_keys.create(organization.id, "producer", ["events:write"], actor=SYSTEM)
    return {"Authorization": f"Bearer {created.key}"}
