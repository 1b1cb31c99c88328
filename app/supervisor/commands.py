"""Describe the processes: command, environment, inherited descriptors."""

import signal
import sys
from collections.abc import Callable
from pathlib import Path

from app.runtime.configuration.settings import Settings
from app.runtime.root import ROOT
from app.supervisor.child import Child

GUNICORN = ["-m", "gunicorn", "-c", "python:app.supervisor.gunicorn_conf", "wsgi:app"]


def redis_child(command: list[str], environ: dict[str, str], lock: int) -> Child:
    return Child("redis", command, environ, (lock,))


def web_child(environ: dict[str, str], lock: int, listener: int, ready: int) -> Child:
    """ready: a pipe; each web process writes a byte once it serves requests."""
    more = {"CALLBOARD_LISTENER": str(listener), "CALLBOARD_READY": str(ready)}
    command = [sys.executable, *GUNICORN]
    # Gunicorn's master gets SIGTERM if the supervisor dies, so that it stops its own workers.
    return Child(
        "web", command, {**environ, **more}, (lock, listener, ready), death_signal=signal.SIGTERM
    )


def worker_children(environ: dict[str, str], settings: Settings, lock: int) -> list[Child]:
    count = settings.delivery_workers
    names = ["worker"] if count == 1 else [f"worker-{number}" for number in range(1, count + 1)]
    # Without a web process the first one serves the metrics of all.
    others = {name: value for name, value in environ.items() if name != "METRICS_PORT"}
    environs = [environ, *[others] * max(0, count - 1)]
    return [
        Child(name, [sys.executable, "worker.py"], each, (lock,))
        for name, each in zip(names, environs[:count], strict=True)
    ]


def migration_child(environ: dict[str, str], lock: int, on_line: Callable[[str], None]) -> Child:
    command = [sys.executable, "-m", "app.cli", "migrate"]
    return Child("migrate", command, environ, (lock,), restarts=False, on_line=on_line)


def welcome_child(
    environ: dict[str, str], lock: int, on_line: Callable[[str], None], *, with_key: bool
) -> Child:
    command = [sys.executable, "-m", "app.cli", "first-owner-link"]
    if with_key:
        command.append("demo-curl")
    return Child("welcome", command, environ, (lock,), restarts=False, on_line=on_line)


def project_root() -> Path:
    return ROOT
