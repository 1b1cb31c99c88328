"""What is done to the running processes. Each fault is over when its function returns."""

import random
import signal
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import psutil

from tests.support.servers.postgres import PostgresServer
from torture.servers import Installation, Redis

STOP_SECONDS, OUTAGE_SECONDS, CLOCK_SECONDS = 20.0, 4.0, 8.0


@dataclass(slots=True)
class Target:
    """scale: of all durations; 1 in a long run. disk: a small file system, if there is one."""

    installation: Installation
    redis: Redis
    postgres: PostgresServer | None
    disk: Path | None
    scale: float

    def wait(self, seconds: float) -> None:
        time.sleep(seconds * self.scale)


def faults_of(target: Target) -> dict[str, Callable[[], None]]:
    """By name; see also checker.DISRUPTIVE."""
    faults: dict[str, Callable[[], None]] = {
        "kill worker": lambda: _signal(target.installation.workers(), signal.SIGKILL),
        "kill web": lambda: _signal(target.installation.webs(), signal.SIGKILL),
        "stop worker": lambda: _stop(target, target.installation.workers(), STOP_SECONDS),
        "stop web": lambda: _stop(target, target.installation.webs(), OUTAGE_SECONDS),
        "kill Redis": lambda: _kill_redis(target),
        "freeze Redis": lambda: _freeze_redis(target),
        "flush Redis": target.redis.flush,
        "restart": lambda: _restart(target),
        "clock step of an hour": lambda: _step(target, "+3600"),
        "clock step of a day": lambda: _step(target, "+86400"),
        "upgrade": target.installation.upgrade,
    }
    if target.postgres is not None:
        server = target.postgres
        faults |= {
            "kill database": lambda: _kill_database(target, server),
            "freeze database": lambda: _freeze_database(target, server),
            "cut connections": lambda: server.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE pid <> pg_backend_pid()"
            ),
            "read-only database": lambda: _read_only(target, server),
        }
    else:
        faults["lock database"] = lambda: _lock(target)
    if target.disk is not None:
        faults["full disk"] = lambda: _fill(target, target.disk)
    return faults


def _signal(processes: list[psutil.Process], number: signal.Signals) -> None:
    if processes:
        random.choice(processes).send_signal(number)


def _stop(target: Target, processes: list[psutil.Process], seconds: float) -> None:
    if not processes:
        return
    process = random.choice(processes)
    try:
        process.suspend()
        target.wait(seconds)
        process.resume()
    except psutil.NoSuchProcess:
        # It held SQLite's write lock and was killed.
        return


def _kill_redis(target: Target) -> None:
    target.redis.signal(signal.SIGKILL)
    target.wait(OUTAGE_SECONDS)
    target.redis.start()


def _freeze_redis(target: Target) -> None:
    target.redis.signal(signal.SIGSTOP)
    target.wait(OUTAGE_SECONDS)
    target.redis.signal(signal.SIGCONT)


def _restart(target: Target) -> None:
    target.installation.stop()
    target.installation.start()


def _step(target: Target, offset: str) -> None:
    """Forward, and back after a while."""
    target.installation.set_clock(offset)
    target.wait(CLOCK_SECONDS)
    target.installation.set_clock("+0")


def _kill_database(target: Target, server: PostgresServer) -> None:
    server.end(random.choice((signal.SIGQUIT, signal.SIGKILL)))
    target.wait(OUTAGE_SECONDS)
    server.start()


def _freeze_database(target: Target, server: PostgresServer) -> None:
    server.freeze()
    target.wait(STOP_SECONDS)
    server.thaw()


def _read_only(target: Target, server: PostgresServer) -> None:
    server.execute("ALTER SYSTEM SET default_transaction_read_only = on")
    server.execute("SELECT pg_reload_conf()")
    target.wait(OUTAGE_SECONDS)
    server.execute("ALTER SYSTEM RESET ALL", read_only=False)
    server.execute("SELECT pg_reload_conf()")


def _lock(target: Target) -> None:
    """Another program has a transaction open."""
    path = target.installation.data_dir / "callboard.db"
    with closing(sqlite3.connect(path, timeout=10, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        target.wait(OUTAGE_SECONDS)
        other.execute("ROLLBACK")


def _fill(target: Target, disk: Path | None) -> None:
    assert disk is not None
    filler = disk / "filler"
    try:
        with filler.open("wb", buffering=0) as file:
            while True:
                file.write(b"x" * (1 << 20))
    except OSError:
        target.wait(OUTAGE_SECONDS)
    finally:
        filler.unlink(missing_ok=True)
        if target.postgres is not None and not target.postgres.is_running:
            # It stops when it cannot write its log; whoever supervises it starts it again.
            target.postgres.start()
