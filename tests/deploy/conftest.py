from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deploy.tools import programs
from tests.support.databases import SqliteTemplate
from tests.support.servers.ports import free_port


@pytest.fixture(scope="session")
def web_settings(
    sqlite_template: SqliteTemplate, redis_server_url: str, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, str]:
    """The environment of a web process behind one proxy, with an empty database."""
    directory = tmp_path_factory.mktemp("web")
    url, port = sqlite_template.copy(directory), str(free_port())
    return programs.settings(directory, url, redis_server_url, PORT=port, TRUSTED_PROXIES="1")


@pytest.fixture(scope="session")
def web(web_settings: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a real web process, started as deploy/ starts it."""
    url = f"http://127.0.0.1:{web_settings['PORT']}"
    directory: Path = tmp_path_factory.mktemp("gunicorn")
    with programs.running(programs.GUNICORN, web_settings, directory, f"{url}/healthz"):
        yield url
