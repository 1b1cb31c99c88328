"""Processes with little memory are slower, but go on."""

import resource
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psutil
import pytest
import requests
from flask import Flask

from tests.deploy.tools import programs
from tests.faults.large import WEBHOOKS, publish_large
from tests.faults.workers.processes import Workers, all_done, times_sent
from tests.support.servers.ports import free_port
from tests.support.servers.receiver import Receiver
from tests.support.waiting import eventually

pytestmark = pytest.mark.faults

# What a process may take beyond what it has after its start.
WORKER_BYTES, WEB_BYTES = 24 << 20, 64 << 20
# Requests at once, and events of each: more than fits.
POSTS, EVENTS, EVENT_BYTES = 8, 14, 900_000
JSON = "application/json"


def _limit(process: psutil.Process, more: int) -> None:
    most = process.memory_info().vms + more
    process.rlimit(resource.RLIMIT_AS, (most, most))


def test_a_worker_with_little_memory_delivers_everything(
    sqlite_app: Flask, workers: Workers, organization: Any, receiver: Receiver
) -> None:
    worker = workers.start()
    _limit(psutil.Process(worker.pid), WORKER_BYTES)
    receiver.respond(delay=0.05)
    publish_large(organization.id, receiver.url)
    eventually(lambda: all_done() and len(times_sent(receiver.requests)) == WEBHOOKS, 50)
    worker.terminate()
    assert worker.wait() == 0


def test_a_web_process_with_little_memory_refuses_what_it_has_no_room_for(
    tmp_path: Path, sqlite_url: str, redis_url: str
) -> None:
    port = str(free_port())
    url = f"http://127.0.0.1:{port}"
    environ = programs.settings(tmp_path, sqlite_url, redis_url, PORT=port)
    with programs.running(programs.GUNICORN, environ, tmp_path, f"{url}/healthz"):
        headers = {"Authorization": f"Bearer {programs.PLATFORM_KEY}"}
        created = requests.post(
            f"{url}/api/v1/organizations", json={"name": "Acme"}, headers=headers, timeout=30
        )
        headers["Callboard-Organization"] = created.json()["id"]
        # Another product of the tests may be running, too.
        [web] = [
            process
            for process in psutil.Process().children(recursive=True)
            if _is_web(process) and process.environ().get("PORT") == port
        ]
        _limit(web, WEB_BYTES)

        def post(body: bytes) -> int:
            """0: the connection was closed without a response."""
            path, own = f"{url}/api/v1/events/batch", headers | {"Content-Type": JSON}
            try:
                return requests.post(path, data=body, headers=own, timeout=170).status_code
            except requests.ConnectionError:
                return 0

        with ThreadPoolExecutor(POSTS) as pool:
            statuses = set(pool.map(post, [_batch(EVENTS)] * POSTS))
        assert statuses <= {202, 503, 0}
        assert statuses != {202}, "it had enough memory"
        assert post(_batch(1)) == 202
        assert web.is_running()


def _batch(events: int) -> bytes:
    event = b'{"type":"a.b","payload":{"text":"%b"}}' % (b"x" * EVENT_BYTES)
    return b'{"events":[%b]}' % b",".join([event] * events)


def _is_web(process: psutil.Process) -> bool:
    """A process that serves requests, not their master."""
    parent = process.parent()
    return parent is not None and all("gunicorn" in "".join(p.cmdline()) for p in (process, parent))
