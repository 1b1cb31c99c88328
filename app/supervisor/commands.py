"""What is started, in which environment, and what it inherits."""

import signal
import sys
from collections.abc import Callable
from pathlib import Path

from app.runtime.settings import Settings
from app.supervisor.child import Child

GUNICORN = ["-m", "gunicorn", "-c", "python:app.supervisor.gunicorn_conf", "wsgi:app"]


def redis_child(command: list[str], environ: dict[str, str], lock: int) -> Child:
    return Child("redis", command, environ, (lock,))


def web_child(environ: dict[str, str], lock: int, listener: int, ready: int) -> Child:
    """A byte comes out of `ready` for each web process that can answer."""
    more = {"CALLBOARD_LISTENER": str(listener), "CALLBOARD_READY": str(ready)}
    command = [sys.executable, *GUNICORN]
    # Its master is told, not killed, when the supervisor is gone: it then ends its own workers.
    return Child(
        "web", command, {**environ, **more}, (lock, listener, ready), farewell=signal.SIGTERM
    )


def worker_children(environ: dict[str, str], settings: Settings, lock: int) -> list[Child]:
    count = settings.delivery_workers
    names = ["worker"] if count == 1 else [f"worker-{number}" for number in range(1, count + 1)]
    return [Child(name, [sys.executable, "worker.py"], environ, (lock,)) for name in names]


def migration_child(environ: dict[str, str], lock: int) -> Child:
    command = [sys.executable, "-m", "app.cli", "migrate"]
    return Child("migrate", command, environ, (lock,), stays=False)


def welcome_child(environ: dict[str, str], lock: int, tell: Callable[[str], None]) -> Child:
    command = [sys.executable, "-m", "app.cli", "first-owner-link", "demo-curl"]
    return Child("welcome", command, environ, (lock,), stays=False, tell=tell)


def project_root() -> Path:
    return Path(__file__).resolve().parents[2]
