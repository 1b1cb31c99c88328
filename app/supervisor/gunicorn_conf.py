"""Gunicorn's configuration. Gunicorn reads this file; settings come from the environment."""

import os
from importlib import import_module
from typing import Any

from app.runtime.configuration.settings import load_settings
from app.runtime.redis.loading import load_redis

_settings = load_settings()

bind = [f"fd://{os.environ['CALLBOARD_LISTENER']}"]
workers = _settings.web_workers
worker_class = "app.http.front.worker.Worker"
logger_class = "app.http.front.gunicorn_log.Logger"
preload_app = False
# Seconds for open requests at a stop. The supervisor kills the process a second later.
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
# On a busy disk a late heartbeat would get healthy workers killed.
_memory = "/dev/shm"  # noqa: S108 -- gunicorn makes its own unguessable name in it
worker_tmp_dir = _memory if os.access(_memory, os.W_OK) else None


def on_starting(arbiter: Any) -> None:
    """Several processes share what the master has loaded: with four that takes 90 MB less in all.
    A single one would only have the master keep 20 MB of its own."""
    if arbiter.cfg.workers > 1:
        load_redis()
        import_module("app.http.front.asgi")


def post_worker_init(_worker: Any) -> None:
    """Tell the supervisor that the application is loaded."""
    os.write(int(os.environ["CALLBOARD_READY"]), b".")
