"""How gunicorn serves the web: read by gunicorn itself, settings from the environment."""

import os
from typing import Any

from app.runtime.settings import load_settings

_settings = load_settings()

bind = [f"fd://{os.environ['CALLBOARD_LISTENER']}"]
workers = _settings.web_workers
worker_class = "gthread"
threads = 16
preload_app = False
# Requests that are under way at a stop get this long; the supervisor insists a second later.
graceful_timeout = 5
timeout = 60
keepalive = 15
# A filtered list's address is longer than the default of 4,094.
limit_request_line = 8190
loglevel = "warning"
accesslog = None
errorlog = "-"
# No second way in.
control_socket_disable = True
# A heartbeat that waits for a busy disk would have healthy workers killed.
_memory = "/dev/shm"  # noqa: S108 -- gunicorn makes its own unguessable name in it
worker_tmp_dir = _memory if os.access(_memory, os.W_OK) else None


def post_worker_init(_worker: Any) -> None:
    """The application is loaded: tell the supervisor."""
    os.write(int(os.environ["CALLBOARD_READY"]), b".")
