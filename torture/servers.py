"""The servers of a run: Redis, and an installation of Callboard on its database."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil
import redis
import requests

from tests.support import children
from tests.support.product import PLATFORM_KEY, SETTINGS
from tests.support.servers.ports import free_port
from tests.support.servers.redis import binary
from tests.support.waiting import eventually

ROOT = Path(__file__).resolve().parents[1]
# A machine that does other work as well starts slowly.
START_SECONDS = 400
# Steps the clock of the processes.
CLOCK = ROOT / "torture" / "clock"


class Redis:
    """A server that is killed and started again, with what it had written until then."""

    def __init__(self, directory: Path) -> None:
        self._directory, self.port = directory, free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        options = ["--port", str(self.port), "--dir", str(self._directory), "--appendonly", "yes"]
        command = [binary(), *options, "--save", "", "--bind", "127.0.0.1"]
        self._process = children.start(command, stdout=subprocess.DEVNULL)
        eventually(self._responds, 20)

    def _responds(self) -> bool:
        with redis.Redis.from_url(self.url) as client:
            try:
                return bool(client.ping())
            except redis.RedisError:
                return False

    def flush(self) -> None:
        with redis.Redis.from_url(self.url) as client:
            client.flushall()

    def signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(number)
        if number == signal.SIGKILL:
            self._process.wait()

    def close(self) -> None:
        if self._process is not None:
            children.stop(self._process)


class Installation:
    """Callboard's supervisor and its processes, of the release in `tree`."""

    def __init__(self, directory: Path, database_url: str | None, redis_url: str) -> None:
        self.data_dir, self.port = directory / "data", free_port()
        self.log = directory / "log"
        self.url = f"http://127.0.0.1:{self.port}"
        self.clock = directory / "clock"
        self.clock.write_text("+0")
        base = {name: value for name, value in os.environ.items() if name not in SETTINGS}
        self._environ = base | {
            "DATA_DIR": str(self.data_dir),
            "PORT": str(self.port),
            "PLATFORM_API_KEY": PLATFORM_KEY,
            "ALLOWED_PRIVATE_NETWORKS": "127.0.0.0/8",
            "REDIS_URL": redis_url,
            "WEB_WORKERS": "2",
            "DELIVERY_WORKERS": "3",
            "TORTURE_CLOCK": str(self.clock),
        }
        if database_url is not None:
            self._environ["DATABASE_URL"] = database_url
        self._process: subprocess.Popen[bytes] | None = None
        self._extra: list[subprocess.Popen[bytes]] = []

    def start(self, tree: Path = ROOT) -> None:
        self._spawn(tree)
        eventually(self.is_ready, START_SECONDS, every=0.1)

    def replace(self) -> None:
        """Take over from the running release, as `script/server --replace` does."""
        old = self._process
        assert old is not None
        self._spawn(ROOT, "--replace")
        old.wait(START_SECONDS)
        eventually(self.is_ready, START_SECONDS, every=0.1)

    def _spawn(self, tree: Path, *arguments: str) -> None:
        with self.log.open("ab") as log:
            self._process = children.start(
                [python_of(tree), "-m", "app.supervisor", *arguments],
                cwd=tree,
                env=self._environ | {"PYTHONPATH": f"{tree}{os.pathsep}{CLOCK}"},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def is_ready(self) -> bool:
        try:
            return requests.get(f"{self.url}/readyz", timeout=5).status_code == 200
        except requests.RequestException:
            return False

    def start_old_worker(self, tree: Path) -> None:
        """A delivery worker of another release beside the running one."""
        secret = (self.data_dir / "secret_key").read_text().strip()
        environ = self._environ | {"PYTHONPATH": f"{tree}{os.pathsep}{CLOCK}", "SECRET_KEY": secret}
        with self.log.open("ab") as log:
            command = [python_of(tree), "worker.py"]
            self._extra.append(
                children.start(command, cwd=tree, env=environ, stdout=log, stderr=log)
            )

    def end_old_workers(self) -> None:
        for process in self._extra:
            children.stop(process)
        self._extra = []

    def upgrade(self) -> None:
        """As `script/upgrade` does."""
        assert self._process is not None
        before = self.output().count("Upgraded.")
        self._process.send_signal(signal.SIGUSR2)
        deadline = time.monotonic() + 60
        while self.output().count("Upgraded.") == before and time.monotonic() < deadline:
            time.sleep(0.2)

    def stop(self) -> None:
        assert self._process is not None
        processes = self._all()
        self.end_old_workers()
        self._process.terminate()
        self._process.wait(40)
        _, alive = psutil.wait_procs(processes, timeout=5)
        for process in alive:
            process.kill()

    def workers(self) -> list[psutil.Process]:
        return [p for p in self._all() if "worker.py" in _command(p)]

    def webs(self) -> list[psutil.Process]:
        """The processes that serve requests, not their master."""
        return [
            p
            for p in self._all()
            if "gunicorn" in _command(p) and "gunicorn" in _command(p.parent())
        ]

    def set_clock(self, offset: str) -> None:
        draft = self.clock.with_suffix(".new")
        draft.write_text(offset)
        draft.replace(self.clock)

    def output(self) -> str:
        return self.log.read_text(errors="replace")

    def _all(self) -> list[psutil.Process]:
        assert self._process is not None
        supervisor = psutil.Process(self._process.pid)
        return [supervisor, *supervisor.children(recursive=True)]

    def post(self, path: str, document: Any, organization_id: str | None = None) -> Any:
        response = requests.post(
            f"{self.url}{path}",
            json=document,
            headers={"Authorization": f"Bearer {PLATFORM_KEY}"}
            | ({"Callboard-Organization": organization_id} if organization_id else {}),
            timeout=15,
        )
        response.raise_for_status()
        return response.json()


def python_of(tree: Path) -> str:
    """Each release has an environment of its own."""
    own = tree / ".venv" / "bin" / "python"
    return sys.executable if tree == ROOT or not own.exists() else str(own)


def _command(process: psutil.Process | None) -> str:
    try:
        return " ".join(process.cmdline()) if process is not None else ""
    except psutil.Error:
        return ""
