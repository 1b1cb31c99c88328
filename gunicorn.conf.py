"""Web processes without the supervisor: `gunicorn wsgi:app` in this directory reads this file.

Listens on HOST and PORT, or on the sockets that systemd passes (socket activation), and takes
WEB_WORKERS, as the README's table says. The other values are those of app/supervisor; a test
compares the two. Options on the command line win.
"""

import os
import tempfile
from typing import Any

_host, _port = os.environ.get("HOST", "127.0.0.1"), os.environ.get("PORT", "8000")

bind = [f"[{_host}]:{_port}" if ":" in _host else f"{_host}:{_port}"]
backlog = 2048
workers = int(os.environ.get("WEB_WORKERS", "1"))
worker_class = "app.http.front.worker.Worker"
logger_class = "app.http.front.gunicorn_log.Logger"
preload_app = False
# Requests that are in progress at a stop get this long.
graceful_timeout = 5
timeout = 60
# For other worker classes; ours has app/http/front/limits.py. The address of a filtered list is
# longer than the default of 4,094.
keepalive = 15
threads = 16
limit_request_line = 8190
loglevel = "warning"
accesslog = None
errorlog = "-"
control_socket_disable = True
# A heartbeat that waits for a busy disk would have healthy workers killed.
_memory = "/dev/shm"  # noqa: S108 -- gunicorn makes its own unguessable name in it
_writable_memory = _memory if os.access(_memory, os.W_OK) else None
worker_tmp_dir = _writable_memory

# Web processes count together, so that each answers /metrics for all of them. It is set here,
# because the values decide where they are kept when they are imported.
_counters = None
if not os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
    _counters = tempfile.mkdtemp(prefix=f"callboard-metrics-{os.getpid()}-", dir=_writable_memory)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = _counters


def on_starting(arbiter: Any) -> None:
    """As in app/supervisor: several processes share what the master has loaded."""
    if arbiter.cfg.workers > 1:
        from app.runtime.redis.loading import load_redis

        load_redis()
        import app.http.front.asgi  # noqa: F401


def on_exit(_arbiter: Any) -> None:
    """Remove the counters of this start."""
    if _counters is not None:
        import shutil

        shutil.rmtree(_counters, ignore_errors=True)
