"""What gunicorn's own options do with the front, and other servers with the application."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from app.runtime.root import ROOT
from tests.deploy.tools import programs
from tests.http.front.web import EVENT, EVENTS
from tests.support.databases import SqliteTemplate
from tests.support.servers.ports import free_port
from tests.support.waiting import eventually

ASGI = (*programs.GUNICORN[:-1], "-k", "asgi", "asgi:app")
THREADS = (*programs.GUNICORN[:-1], "-k", "gthread", "wsgi:app")
KEY = {"Authorization": f"Bearer {programs.PLATFORM_KEY}"}


class Starter:
    def __init__(self, template: SqliteTemplate, redis_url: str, directory: Path) -> None:
        self._directory = directory
        self._environ = programs.settings(
            directory, template.copy(directory), redis_url, PORT=str(free_port())
        )

    @contextmanager
    def running(self, *command: str, **environ: str) -> Iterator[str]:
        url = f"http://127.0.0.1:{self._environ['PORT']}"
        every = self._environ | environ
        with programs.running(command, every, self._directory, f"{url}/healthz"):
            yield url

    @property
    def output(self) -> str:
        return (self._directory / f"{Path(sys.executable).name}.log").read_text()


@pytest.fixture
def starter(sqlite_template: SqliteTemplate, redis_url: str, tmp_path: Path) -> Starter:
    return Starter(sqlite_template, redis_url, tmp_path)


@pytest.mark.parametrize(
    "command",
    # test_same_as_gthread has its threads.
    [pytest.param(ASGI, id="asgi"), pytest.param(THREADS, id="gthread", marks=pytest.mark.long)],
)
def test_other_worker_classes_serve_the_same(starter: Starter, command: tuple[str, ...]) -> None:
    with starter.running(*command) as url:
        created = requests.post(
            f"{url}/api/v1/organizations", json={"name": "A"}, headers=KEY, timeout=20
        )
        headers = KEY | {"Callboard-Organization": created.json()["id"]}
        headers["Content-Type"] = "application/json"
        for _ in range(3):
            posted = requests.post(f"{url}{EVENTS}", EVENT, headers=headers, timeout=45)
            assert posted.status_code == 202
        listed = requests.get(f"{url}{EVENTS}", headers=headers, timeout=45).json()
        assert len(listed["data"]) == 3
        assert requests.head(f"{url}/healthz", timeout=45).headers["Content-Length"] == "33"
        assert requests.get(f"{url}/sign-in", timeout=45).status_code == 200
        large = requests.post(f"{url}{EVENTS}", b" " * (2 << 20), headers=headers, timeout=45)
        assert (large.status_code, large.json()["code"]) == (413, "too_large")


def test_the_access_log_names_requests_and_their_responses(starter: Starter) -> None:
    options = "--access-logfile - --access-logformat '%(h)s %(r)s %(s)s %(b)s'"
    with starter.running(*programs.GUNICORN, GUNICORN_CMD_ARGS=options) as url:
        requests.get(f"{url}/nothing?a=b", timeout=45)
        requests.get(f"{url}/api/v1/nothing", timeout=45)
        eventually(lambda: "/api/v1/nothing" in starter.output)
        assert "127.0.0.1 GET /nothing?a=b HTTP/1.1 404" in starter.output
        assert "127.0.0.1 GET /api/v1/nothing HTTP/1.1 404" in starter.output


@pytest.mark.long
def test_a_process_ends_after_the_requests_that_gunicorn_allows(starter: Starter) -> None:
    with starter.running(*programs.GUNICORN, GUNICORN_CMD_ARGS="--max-requests 5") as url:
        # Each further request is answered, by the process or by its successor.
        for _ in range(8):
            assert requests.get(f"{url}/healthz", timeout=45).status_code == 200


def test_gunicorns_master_does_not_load_the_application_with_its_worker_class() -> None:
    modules = "app.http.front.worker", "app.http.front.gunicorn_log"
    program = f"import sys, {', '.join(modules)}; print(*sys.modules)"
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert loaded >= set(modules)
    assert not loaded & {"flask", "sqlalchemy", "redis", "cryptography", "app.factory"}


def test_a_process_is_ready_when_all_that_it_serves_with_is_loaded(
    starter: Starter, tmp_path: Path
) -> None:
    config = tmp_path / "hooks.py"
    config.write_text(
        "import sys\n"
        "def post_worker_init(worker):\n"
        "    worker.loaded = set(sys.modules)\n"
        "def worker_exit(server, worker):\n"
        "    later = set(sys.modules) - worker.loaded\n"
        "    late = [name for name in later if name.startswith('app.http.front')]\n"
        "    print('loaded later:', sorted(late), flush=True)\n"
    )
    command = (*programs.GUNICORN, "-k", "app.http.front.worker.Worker", "-c", str(config))
    with starter.running(*command) as url:
        assert requests.get(f"{url}/api/v1/nothing", timeout=45).status_code == 404
    assert "loaded later: []" in starter.output
