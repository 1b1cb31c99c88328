"""A checkout's product as processes, driven through what every release has: its commands, its
settings and its API."""

import contextlib
import json
import os
import socket
import sqlite3
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import psycopg
import redis
import requests

from app.runtime.configuration.settings import Settings, load_settings
from bench.checkouts import Checkout
from bench.installation import SECRET_KEY, Servers, psycopg_url

PLATFORM_KEY = "platform-key-only-for-the-bench-0123456789"
START_SECONDS, STOP_SECONDS = 60.0, 30.0


class Product:
    """One organization on an empty database. `base`: URL of the web processes while they run."""

    def __init__(self, checkout: Checkout, kind: str, servers: Servers, directory: Path) -> None:
        self.checkout, self.kind, self.directory = checkout, kind, directory
        self._servers = servers
        self._running: dict[str, list[psutil.Process]] = {"web": [], "worker": []}
        self.base = ""
        url = f"sqlite:///{directory}/callboard.db"
        self._database = ""
        if kind == "PostgreSQL":
            self._database = f"bench_{uuid.uuid4().hex[:10]}"
            with psycopg.connect(servers.postgresql, autocommit=True) as connection:
                connection.execute(f"CREATE DATABASE {self._database}")
            url = psycopg_url(servers.postgresql, self._database)
        inherited = {
            name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ
        }
        self._environ = inherited | {
            "DATABASE_URL": url,
            "DATA_DIR": str(directory),
            "SECRET_KEY": SECRET_KEY,
            "PLATFORM_API_KEY": PLATFORM_KEY,
            "ALLOWED_PRIVATE_NETWORKS": "127.0.0.0/8",
            "REDIS_URL": servers.redis,
            "API_RATE_LIMIT": "1000000",
            # One receiver stands for many hosts. Older releases have no such limit.
            "MAX_REQUESTS_PER_HOST": "4000",
        }
        subprocess.run(
            self._command("-m", "app.cli", "migrate"),
            cwd=checkout.root,
            env=self._environ,
            check=True,
            capture_output=True,
        )

    def _command(self, *arguments: str) -> list[str]:
        return [str(self.checkout.python), *arguments]

    def _gunicorn(self) -> list[str]:
        """The arguments with which this checkout's supervisor starts its web processes."""
        program = (
            "import json; from app.supervisor.commands import GUNICORN; print(json.dumps(GUNICORN))"
        )
        printed = subprocess.run(
            self._command("-c", program),
            cwd=self.checkout.root,
            env=self._environ,
            check=True,
            capture_output=True,
        )
        arguments: list[str] = json.loads(printed.stdout)
        return arguments

    @contextmanager
    def web(self, processes: int = 1) -> Iterator[None]:
        """Run the web processes as its supervisor does."""
        listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
        ready, child_ready = os.pipe()
        environ = {
            "CALLBOARD_LISTENER": str(listener.fileno()),
            "CALLBOARD_READY": str(child_ready),
            "WEB_WORKERS": str(processes),
        }
        process = self._start("web", self._gunicorn(), environ, (listener.fileno(), child_ready))
        self.base = f"http://127.0.0.1:{listener.getsockname()[1]}"
        try:
            for _ in range(processes):
                os.read(ready, 1)
            yield
        finally:
            self._stop("web", process)
            listener.close()
            os.close(ready)
            os.close(child_ready)

    @contextmanager
    def workers(self, number: int = 1) -> Iterator[None]:
        """Run delivery workers, and wait until each is in the worker registry."""
        running = [self._start("worker", ["worker.py"], {}, ()) for _ in range(number)]
        try:
            until = time.monotonic() + START_SECONDS
            while self.scalar("SELECT count(*) FROM workers") < number:
                if time.monotonic() > until:
                    raise TimeoutError("the workers did not register")
                time.sleep(0.05)
            yield
        finally:
            for process in running:
                self._stop("worker", process)

    def _start(
        self, part: str, arguments: Sequence[str], environ: dict[str, str], kept: Sequence[int]
    ) -> subprocess.Popen[bytes]:
        with (self.directory / f"{part}.log").open("ab") as log:
            process = subprocess.Popen(
                self._command(*arguments),
                cwd=self.checkout.root,
                env=self._environ | environ,
                stdout=log,
                stderr=log,
                pass_fds=kept,
            )
        self._running[part].append(psutil.Process(process.pid))
        return process

    def _stop(self, part: str, process: subprocess.Popen[bytes]) -> None:
        process.terminate()
        process.wait(STOP_SECONDS)
        self._running[part] = [kept for kept in self._running[part] if kept.pid != process.pid]

    @property
    def settings(self) -> Settings:
        """Of the checkout that runs this."""
        return load_settings(self._environ)

    def processes(self, part: str) -> list[psutil.Process]:
        """part: web or worker."""
        return list(self._running[part])

    def organization(self) -> str:
        return str(self._post("organizations", {"name": "Bench"}, {})["id"])

    def webhook(self, organization_id: str, url: str, event_type: str) -> str:
        """With plenty in flight, so that the webhook is not what limits."""
        settings = {"url": url, "event_types": [event_type], "max_in_flight": 200}
        return str(self._post("webhooks", settings, headers(organization_id))["id"])

    def _post(self, path: str, body: Any, more: dict[str, str]) -> Any:
        response = requests.post(
            f"{self.base}/api/v1/{path}",
            json=body,
            headers={"Authorization": f"Bearer {PLATFORM_KEY}"} | more,
            timeout=30,
        )
        if not response.ok:
            raise RuntimeError(f"POST {path}: {response.status_code} {response.text}")
        return response.json()

    def scalar(self, statement: str) -> int:
        """The number that a query of both databases' SQL gives."""
        if self.kind == "PostgreSQL":
            return int(self._postgresql(statement)[0])
        with contextlib.closing(sqlite3.connect(self.directory / "callboard.db")) as database:
            return int(database.execute(statement).fetchone()[0])

    def _postgresql(self, statement: str) -> Any:
        """The first row, if the statement has rows."""
        url = psycopg_url(self._servers.postgresql, self._database).replace("+psycopg", "")
        with psycopg.connect(url, autocommit=True) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchone() if cursor.description else None

    def bytes(self) -> dict[str, float]:
        """On disk with indexes; for PostgreSQL also ever written to the WAL."""
        if self.kind == "SQLite":
            pages = self.scalar("SELECT page_count FROM pragma_page_count")
            return {"disk": pages * self.scalar("SELECT page_size FROM pragma_page_size")}
        return {
            "disk": self.scalar("SELECT pg_database_size(current_database())"),
            "WAL": self.scalar("SELECT (pg_current_wal_lsn() - '0/0')::bigint"),
        }

    def analyze(self) -> None:
        """Do what autovacuum would do later. SQLite has nothing like it."""
        if self.kind == "PostgreSQL":
            self._postgresql("VACUUM ANALYZE")

    def cpu(self) -> dict[str, float]:
        """Seconds of CPU since their start, by part: web, worker, database, redis."""
        parts = {name: sum(map(_tree_cpu, members)) for name, members in self._running.items()}
        with redis.Redis.from_url(self._servers.redis) as client:
            used: Any = client.info("cpu")
        parts["redis"] = used["used_cpu_user"] + used["used_cpu_sys"]
        if self.kind == "PostgreSQL":
            parts["database"] = _tree_cpu(_postmaster(self._servers.postgresql))
        return parts

    def idle_cpu(self) -> float:
        """Milliseconds of CPU per second while nothing happens, once all have fallen asleep."""
        time.sleep(2.0)
        before, began = self.cpu(), time.monotonic()
        time.sleep(5.0)
        spent = sum(self.cpu().values()) - sum(before.values())
        return spent * 1000 / (time.monotonic() - began)


def headers(organization_id: str) -> dict[str, str]:
    return {"Callboard-Organization": organization_id}


@contextmanager
def product(checkout: Checkout, kind: str, servers: Servers) -> Iterator[Product]:
    with tempfile.TemporaryDirectory(prefix="cb-bench-") as directory:
        with redis.Redis.from_url(servers.redis) as client:
            client.flushall()
        yield Product(checkout, kind, servers, Path(directory))


def _postmaster(server: str) -> psutil.Process:
    with psycopg.connect(server) as connection:
        row = connection.execute("SHOW data_directory").fetchone()
    assert row is not None
    return psutil.Process(int((Path(row[0]) / "postmaster.pid").read_text().split()[0]))


def _tree_cpu(process: psutil.Process) -> float:
    """Of the process, its children and those of its children that have ended."""
    seconds = 0.0
    for member in (process, *process.children(recursive=True)):
        with contextlib.suppress(psutil.NoSuchProcess):
            times = member.cpu_times()
            seconds += times.user + times.system
            if member.pid == process.pid:
                seconds += times.children_user + times.children_system
    return seconds
