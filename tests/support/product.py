"""The whole product, started as a person starts it: `script/server` and nothing else."""

import os
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import Any

import psutil
import requests

from tests.support import children

ROOT = Path(__file__).resolve().parents[2]
PLATFORM_KEY = "platform-key-for-tests-0123456789"
# The first start of a clone makes its environment.
FIRST_START_SECONDS = 300.0
SETTINGS = (
    "DATABASE_URL", "REDIS_URL", "DATA_DIR", "SECRET_KEY", "PLATFORM_API_KEY", "HOST", "PORT",
    "ALLOWED_PRIVATE_NETWORKS", "PUBLIC_URL", "WEB_WORKERS", "DELIVERY_WORKERS",
    "PROMETHEUS_MULTIPROC_DIR",
)  # fmt: skip


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


class Product:
    """`.url`, `.api(...)`; `start()`, `stop()`. It keeps its data directory and its port."""

    def __init__(self, directory: Path, **settings: str) -> None:
        self.data_dir = directory / "data"
        self.log = directory / "log"
        self.port = int(settings.get("PORT") or free_port())
        self.url = f"http://127.0.0.1:{self.port}"
        self.platform_key = PLATFORM_KEY
        given = {
            "DATA_DIR": self.data_dir,
            "PORT": self.port,
            "PLATFORM_API_KEY": PLATFORM_KEY,
            # Receivers of the tests listen on this machine.
            "ALLOWED_PRIVATE_NETWORKS": "127.0.0.0/8,::1/128",
        }
        base = {name: value for name, value in os.environ.items() if name not in SETTINGS}
        self._environ = base | {name: str(value) for name, value in given.items()} | settings
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        assert self.process is not None, "it was not started"
        return self.process.pid

    def spawn(self) -> None:
        """Start it and do not wait."""
        with self.log.open("ab") as log:
            self.process = children.start(
                [str(ROOT / "script" / "server")],
                env=self._environ,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def start(self, seconds: float = FIRST_START_SECONDS) -> float:
        """Start it; the seconds until it was ready to take and to deliver events."""
        before = time.monotonic()
        self.spawn()
        self.wait_until_ready(seconds)
        return time.monotonic() - before

    def wait_until_ready(self, seconds: float = 20.0) -> None:
        deadline = time.monotonic() + seconds
        while not self._is_ready():
            assert self.process is not None
            assert self.process.poll() is None, f"it ended:\n{self.said()}"
            assert time.monotonic() < deadline, f"not ready after {seconds} s:\n{self.said()}"
            time.sleep(0.02)

    def _is_ready(self) -> bool:
        try:
            return requests.get(f"{self.url}/readyz", timeout=5).status_code == 200
        except requests.RequestException:
            return False

    def stop(self, number: signal.Signals = signal.SIGTERM, seconds: float = 20.0) -> int:
        """Ask it to end; its exit code. What does not end by itself is killed, and an error."""
        assert self.process is not None
        everything = self.processes()
        self.process.send_signal(number)
        try:
            return self.process.wait(seconds)
        finally:
            _, left = psutil.wait_procs(everything, timeout=2)
            for process in left:
                process.kill()

    def processes(self) -> list[psutil.Process]:
        """The supervisor and all that it started."""
        supervisor = psutil.Process(self.pid)
        return [supervisor, *supervisor.children(recursive=True)]

    def cpu_seconds(self) -> float:
        """What all its processes have computed so far, together."""
        times = [process.cpu_times() for process in self.processes()]
        return sum(time.user + time.system for time in times)

    def process_of(self, word: str) -> psutil.Process:
        """The supervisor's own child whose command line has `word` in it."""
        found = psutil.Process(self.pid).children()
        return next(process for process in found if word in " ".join(process.cmdline()))

    def said(self) -> str:
        """What it printed."""
        return self.log.read_text(errors="replace")

    def api(
        self,
        method: str,
        path: str,
        json: Any = None,
        org: str | None = None,
        key: str | None = None,
        **more: Any,
    ) -> requests.Response:
        """A request with the platform key, for the organization `org`; or with an API key."""
        headers = {"Authorization": f"Bearer {key or self.platform_key}", **more.pop("headers", {})}
        if org is not None:
            headers["Callboard-Organization"] = org
        url = f"{self.url}{path}"
        return requests.request(method, url, json=json, headers=headers, timeout=30, **more)

    def make_organization(self, name: str = "Acme Video") -> str:
        """The id of a new one."""
        answer = self.api("POST", "/api/v1/organizations", {"name": name})
        assert answer.status_code == 201, answer.text
        organization_id: str = answer.json()["id"]
        return organization_id
