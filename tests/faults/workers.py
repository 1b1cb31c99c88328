"""Delivery workers of the product, each a process of its own, and what the ledger says of them."""

import os
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import psutil
from sqlalchemy import text

from app.models.base import db
from app.runtime.settings import Settings
from app.runtime.write_lock import write_lock_for
from tests.support import children
from tests.support.product import ROOT, SETTINGS
from tests.support.receiver import Received
from tests.support.waiting import eventually

PROGRAM = "worker.py"
CLAIMED = "SELECT count(*) FROM due WHERE claimed_by IS NOT NULL"


def rows(sql: str, **given: Any) -> list[Any]:
    """As of now, whatever a transaction of the test's own has seen."""
    with db.engine.connect() as connection:
        return list(connection.execute(text(sql), given))


def number(sql: str, **given: Any) -> int:
    return int(rows(sql, **given)[0][0])


def all_done() -> bool:
    return number("SELECT count(*) FROM due") == 0


def times_sent(requests: list[Received]) -> Counter[str]:
    """How often each delivery was received."""
    return Counter(str(request.header("X-Callboard-Delivery-Id")) for request in requests)


def assert_recorded_once(count: int) -> None:
    """So many deliveries, each of which succeeded at the first attempt that was recorded."""
    outcomes = rows("SELECT cause, number, count(*) FROM attempts GROUP BY cause, number")
    assert [tuple(row) for row in outcomes] == [("ok", 1, count)]
    states = rows("SELECT state, attempts, count(*) FROM deliveries GROUP BY state, attempts")
    assert [tuple(row) for row in states] == [("succeeded", 1, count)]
    assert number("SELECT count(*) FROM webhook_states WHERE in_flight <> 0") == 0


class Worker:
    def __init__(
        self, settings: Settings, log: Path, program: str, environ: dict[str, str]
    ) -> None:
        networks = ",".join(str(target) for target in settings.allowed_private_networks)
        own = {
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
                env=base | own | environ,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        self.pid = self._process.pid

    def said(self) -> str:
        return self._log.read_text(errors="replace")

    def pause(self) -> None:
        """Stop it where it stands, but not within SQLite's writers' lock: with that it would stop
        everybody else, too."""
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
        """Ask it to end, and do not wait; one that is stopped, too."""
        self._process.terminate()
        self.resume()

    def ended(self) -> int:
        """Its exit code, once it has ended."""
        return self._process.wait(10)

    def end(self) -> None:
        children.stop(self._process)


class Workers:
    """`start` as many as the test needs; those that still run at its end are ended."""

    def __init__(self, settings: Settings, directory: Path) -> None:
        self._settings, self._directory = settings, directory
        self._running: list[Worker] = []

    def start(self, *, impatient: bool = False, **environ: str) -> Worker:
        """One more; it has entered the roll."""
        [made] = self._started(1, "tests/faults/impatient.py" if impatient else PROGRAM, environ)
        return made

    def start_two(self, **environ: str) -> list[Worker]:
        return self._started(2, PROGRAM, environ)

    def _started(self, count: int, program: str, environ: dict[str, str]) -> list[Worker]:
        first = number("SELECT coalesce(max(id), 0) FROM workers")
        for _ in range(count):
            log = self._directory / f"worker{len(self._running)}.log"
            self._running.append(Worker(self._settings, log, program, environ))
        entered = "SELECT count(*) FROM workers WHERE id > :first"
        eventually(lambda: number(entered, first=first) == count)
        return self._running[-count:]

    def end(self) -> None:
        for one in self._running:
            one.terminate()
        for one in self._running:
            one.end()

    def said(self) -> str:
        return "\n".join(one.said() for one in self._running)
