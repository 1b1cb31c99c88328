"""The whole product, started with `script/server` as an operator starts it."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil
import requests

from tests.support import children
from tests.support.servers.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
PLATFORM_KEY = "platform-key-for-tests-0123456789"
# The first start of a clone creates the virtual environment.
FIRST_START_SECONDS = 300.0
SETTINGS = (
    "DATABASE_URL", "REDIS_URL", "DATA_DIR", "SECRET_KEY", "PLATFORM_API_KEY", "HOST", "PORT",
    "ALLOWED_PRIVATE_NETWORKS", "PUBLIC_URL", "WEB_WORKERS", "DELIVERY_WORKERS",
    "PROMETHEUS_MULTIPROC_DIR",
)  # fmt: skip


class Product:
    """`.url`, `.api(...)`; `start()`, `stop()`. A restart uses the same data directory and port."""

    def __init__(self, directory: Path, **settings: str) -> None:
        self.data_dir = directory / "data"
        self.log = directory / "log"
        self.port = int(settings.get("PORT") or free_port())
        self.url = f"http://127.0.0.1:{self.port}"
        self.platform_key = PLATFORM_KEY
        environ = {
            "DATA_DIR": self.data_dir,
            "PORT": self.port,
            "PLATFORM_API_KEY": PLATFORM_KEY,
            # The test receivers listen on loopback.
            "ALLOWED_PRIVATE_NETWORKS": "127.0.0.0/8,::1/128",
        }
        base = {name: value for name, value in os.environ.items() if name not in SETTINGS}
        self._environ = base | {name: str(value) for name, value in environ.items()} | settings
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        assert self.process is not None, "the product was not started"
        return self.process.pid

    @property
    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def spawn(self, *arguments: str) -> None:
        """Start the processes without waiting until they are ready."""
        with self.log.open("ab") as log:
            self.process = children.start(
                [str(ROOT / "script" / "server"), *arguments],
                env=self._environ,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def start(self, seconds: float = FIRST_START_SECONDS) -> float:
        """Start and wait until ready to accept and deliver events. Returns the seconds it took."""
        before = time.monotonic()
        self.spawn()
        self.wait_until_ready(seconds)
        return time.monotonic() - before

    def wait_until_ready(self, seconds: float = 60.0) -> None:
        deadline = time.monotonic() + seconds
        while not self._is_ready():
            assert self.process is not None
            assert self.process.poll() is None, f"the product exited:\n{self.output()}"
            assert time.monotonic() < deadline, f"not ready after {seconds} s:\n{self.output()}"
            time.sleep(0.02)

    def _is_ready(self) -> bool:
        try:
            return bool(requests.get(f"{self.url}/readyz", timeout=5).json()["status"] == "ready")
        except requests.RequestException:
            return False

    def stop(self, number: signal.Signals = signal.SIGTERM, seconds: float = 20.0) -> int:
        """Send the signal and return the exit code. TimeoutExpired after `seconds`. Processes that
        are still running then are killed."""
        assert self.process is not None
        processes = self.processes()
        self.process.send_signal(number)
        try:
            return self.process.wait(seconds)
        finally:
            _, alive = psutil.wait_procs(processes, timeout=2)
            for process in alive:
                process.kill()

    def processes(self) -> list[psutil.Process]:
        """The supervisor and its descendants."""
        supervisor = psutil.Process(self.pid)
        return [supervisor, *supervisor.children(recursive=True)]

    def cpu_seconds(self) -> float:
        """CPU time of all running processes together."""
        times = [process.cpu_times() for process in self.processes()]
        return sum(time.user + time.system for time in times)

    def process_of(self, word: str) -> psutil.Process:
        """The supervisor's child process whose command line contains `word`."""
        children = psutil.Process(self.pid).children()
        return next(process for process in children if word in " ".join(process.cmdline()))

    def output(self) -> str:
        """Everything that its processes have printed."""
        return self.log.read_text(errors="replace")

    def cli(self, *words: str) -> str:
        """Run a command with the same settings. Returns what it printed."""
        command = [sys.executable, "-m", "app.cli", *words]
        result = subprocess.run(
            command, cwd=ROOT, env=self._environ, check=True, capture_output=True, timeout=60
        )
        return result.stdout.decode()

    def api(
        self,
        method: str,
        path: str,
        json: Any = None,
        org: str | None = None,
        key: str | None = None,
        **more: Any,
    ) -> requests.Response:
        """Send a request with the platform key (for the organization `org`) or with an API key."""
        headers = {"Authorization": f"Bearer {key or self.platform_key}", **more.pop("headers", {})}
        if org is not None:
            headers["Callboard-Organization"] = org
        url = f"{self.url}{path}"
        return requests.request(method, url, json=json, headers=headers, timeout=45, **more)

    def create_organization(self, name: str = "Acme Video") -> str:
        """Return the id of a new organization."""
        response = self.api("POST", "/api/v1/organizations", {"name": name})
        assert response.status_code == 201, response.text
        organization_id: str = response.json()["id"]
        return organization_id
