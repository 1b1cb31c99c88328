"""A web process and a worker, without the supervisor."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from callboard import Callboard
from tests.deploy.tools import programs
from tests.support import children
from tests.support.product import ROOT
from tests.support.servers.ports import free_port

WORKER = (sys.executable, "worker.py")


class Installation:
    """A web process and a worker that may call no private address; `web()` runs the first."""

    def __init__(self, directory: Path, database_url: str, redis_url: str, **more: str) -> None:
        port = str(free_port())
        self.url = f"http://127.0.0.1:{port}"
        self._directory = directory
        self._environ = programs.settings(
            directory,
            database_url,
            redis_url,
            PORT=port,
            PUBLIC_URL=self.url,
            WEB_WORKERS="2",
            **more,
        )

    @contextmanager
    def web(self) -> Iterator[None]:
        with programs.running(
            programs.GUNICORN, self._environ, self._directory, f"{self.url}/healthz"
        ):
            yield

    @contextmanager
    def worker(self) -> Iterator[None]:
        with (self._directory / "worker.log").open("ab") as log:
            process = children.start(WORKER, env=self._environ, cwd=ROOT, stdout=log, stderr=log)
        try:
            yield
        finally:
            children.stop(process)

    def key(self) -> str:
        """Of a new organization, with all scopes; `reader` is one that only reads."""
        with Callboard(self.url, programs.PLATFORM_KEY) as platform:
            id_ = platform.organizations.create(name="A")["id"]
            reading = ["deliveries:read"]
            self.reader = platform.api_keys.create(id_, "reader", scopes=reading)["key"]
            return platform.api_keys.create(id_, "tests")["key"]
