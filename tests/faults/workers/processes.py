"""Worker processes, and queries for what they did."""

import os
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import psutil
from sqlalchemy import text

from app.models.common.base import db
from app.runtime.configuration.settings import Settings
from app.runtime.write_lock import write_lock_for
from tests.support import children
from tests.support.product import ROOT, SETTINGS
from tests.support.servers.receiver import Received
from tests.support.waiting import eventually

PROGRAM = "worker.py"
CLAIMED = "SELECT count(*) FROM due WHERE claimed_by IS NOT NULL"


def rows(sql: str, **parameters: Any) -> list[Any]:
    """Query in a new transaction."""
    with db.engine.connect() as connection:
        return list(connection.execute(text(sql), parameters))


def scalar(sql: str, **parameters: Any) -> int:
    return int(rows(sql, **parameters)[0][0])


def all_done() -> bool:
    return scalar("SELECT count(*) FROM due") == 0


def times_sent(requests: list[Received]) -> Counter[str]:
    """How often each delivery was received, by its id."""
    return Counter(str(request.header("X-Callboard-Delivery-Id")) for request in requests)


def assert_recorded_once(count: int) -> None:
    """Assert that there are `count` deliveries, each with one recorded attempt, which succeeded."""
    outcomes = rows("SELECT cause, number, count(*) FROM attempts GROUP BY cause, number")
    assert [tuple(row) for row in outcomes] == [("ok", 1, count)]
    states = rows("SELECT state, attempts, count(*) FROM deliveries GROUP BY state, attempts")
    assert [tuple(row) for row in states] == [("succeeded", 1, count)]
    assert scalar("SELECT count(*) FROM webhook_states WHERE in_flight <> 0") == 0


class Worker:
    def __init__(
        self, settings: Settings, log: Path, program: str, environ: dict[str, str]
    ) -> None:
        networks = ",".join(str(target) for target in settings.allowed_private_networks)
        variables = {
            "DATABASE_URL": settings.database_url,
            "REDIS_URL": settings.redis_url,
            "DATA_DIR": str(settings.data_dir),
            "SECRET_KEY": settings.secret_key,
            "ALLOWED_PRIVATE_NETWORKS": networks,
            "PYTHONPATH": str(ROOT),
        }
        base = {name: value for name, value in os.environ.items() if name not in SETTINGS}
        self._lock = write_lock_for(settings)
        self._log = log
        with log.open("wb") as output:
            self._process = children.start(
                [sys.executable, program],
                cwd=ROOT,
                env=base | variables | environ,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        self.pid = self._process.pid

    def output(self) -> str:
        return self._log.read_text(errors="replace")

    def pause(self) -> None:
        """Send SIGSTOP, but not while the worker holds SQLite's write lock: that would block every
        other process."""
        with self._lock.held():
            self._process.send_signal(signal.SIGSTOP)
            status = psutil.Process(self.pid).status
            eventually(lambda: status() == psutil.STATUS_STOPPED)

    def resume(self) -> None:
        self._process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def terminate(self) -> None:
        """Send SIGTERM and do not wait. A paused worker is resumed."""
        self._process.terminate()
        self.resume()

    def wait(self) -> int:
        """Wait for the exit code."""
        return self._process.wait(45)

    def stop(self) -> None:
        children.stop(self._process)


class Workers:
    """Starts worker processes; `stop_all` stops those that still run."""

    def __init__(self, settings: Settings, directory: Path) -> None:
        self._settings, self._directory = settings, directory
        self._running: list[Worker] = []

    def start(self, *, short_lease: bool = False, **environ: str) -> Worker:
        """Start a worker and wait until it is registered."""
        program = "tests/faults/workers/short_lease.py" if short_lease else PROGRAM
        [worker] = self._start(1, program, environ)
        return worker

    def start_two(self, **environ: str) -> list[Worker]:
        return self._start(2, PROGRAM, environ)

    def _start(self, count: int, program: str, environ: dict[str, str]) -> list[Worker]:
        first = scalar("SELECT coalesce(max(id), 0) FROM workers")
        for _ in range(count):
            log = self._directory / f"worker{len(self._running)}.log"
            self._running.append(Worker(self._settings, log, program, environ))
        registered = "SELECT count(*) FROM workers WHERE id > :first"
        # A busy machine takes long to start a process.
        eventually(lambda: scalar(registered, first=first) == count, 60)
        return self._running[-count:]

    def stop_all(self) -> None:
        for worker in self._running:
            worker.terminate()
        for worker in self._running:
            worker.stop()

    def output(self) -> str:
        return "\n".join(worker.output() for worker in self._running)
