"""Run gunicorn with the settings of the supervisor, without the rest of the product."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from bench.installation import Installation
from bench.workers import ROOT


@contextmanager
def web(target: Installation, application: str = "wsgi:app", processes: int = 1) -> Iterator[str]:
    """Yield the URL of `application` once all its processes are ready. Another application than
    ours runs in gunicorn's threads."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
    ready, child_ready = os.pipe()
    inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    environ = inherited | target.environ
    environ |= {"CALLBOARD_LISTENER": str(listener.fileno()), "CALLBOARD_READY": str(child_ready)}
    environ |= {"WEB_WORKERS": str(processes), "API_RATE_LIMIT": "1000000"}
    command = ["-m", "gunicorn", "-c", "python:app.supervisor.gunicorn_conf"]
    command += [application] if application == "wsgi:app" else ["-k", "gthread", application]
    with (target.directory / "web.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, *command],
            cwd=ROOT,
            env=environ,
            stdout=log,
            stderr=log,
            pass_fds=(listener.fileno(), child_ready),
        )
    try:
        for _ in range(processes):
            os.read(ready, 1)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        process.terminate()
        process.wait(20)
        listener.close()
        os.close(ready)
        os.close(child_ready)
