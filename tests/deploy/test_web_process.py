"""The web without a supervisor: its settings, its metrics over several processes, its socket."""

import os
import re
import runpy
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

import psutil
import pytest
import requests

from tests.deploy.tools import programs
from tests.support import children
from tests.support.servers.ports import free_port
from tests.support.waiting import eventually

# What a start decides for itself, or takes from its own environment.
OWN = {"bind", "workers", "backlog", "os", "tempfile"}


def test_its_settings_are_those_of_the_supervisor(
    monkeypatch: pytest.MonkeyPatch, web_settings: dict[str, str]
) -> None:
    for name, value in web_settings.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("CALLBOARD_LISTENER", "3")
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", "/elsewhere")
    supervisor = runpy.run_path(str(programs.ROOT / "app/supervisor/gunicorn_conf.py"))
    ours = runpy.run_path(str(programs.ROOT / "gunicorn.conf.py"))
    names = {
        name
        for name, value in supervisor.items()
        if isinstance(value, str | int | bool | None) and not name.startswith("_")
    }
    assert len(names) > 8
    assert {name: ours[name] for name in names - OWN} == {
        name: supervisor[name] for name in names - OWN
    }


def _count(text: str) -> float:
    """Requests that were refused for want of a key."""
    counts = re.findall(
        r'^callboard_http_request_duration_seconds_count\{.*status="401".*\} (\S+)$',
        text,
        re.MULTILINE,
    )
    return sum(float(count) for count in counts)


def test_each_web_process_reports_the_metrics_of_all(
    tmp_path: Path, web_settings: dict[str, str]
) -> None:
    port = str(free_port())
    environ = web_settings | {"PORT": port, "WEB_WORKERS": "2"}
    url = f"http://127.0.0.1:{port}"
    with programs.running(programs.GUNICORN, environ, tmp_path, f"{url}/healthz"):
        [pid] = [child.pid for child in psutil.Process().children() if _has_port(child, port)]
        counters = list(Path(_memory()).glob(f"callboard-metrics-{pid}-*"))
        before = _count(requests.get(f"{url}/metrics", timeout=45).text)
        for _ in range(20):
            assert requests.get(f"{url}/api/v1/organizations", timeout=45).status_code == 401
        after = [_count(requests.get(f"{url}/metrics", timeout=45).text) for _ in range(6)]
    assert before == 0
    assert after == [20] * 6
    # Removed with the process.
    assert [directory.exists() for directory in counters] == [False]


def _has_port(process: psutil.Process, port: str) -> bool:
    return process.status() != psutil.STATUS_ZOMBIE and process.environ().get("PORT") == port


def _memory() -> str:
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else tempfile.gettempdir()


def test_the_first_connection_starts_the_web_process_under_systemd(
    tmp_path: Path, web_settings: dict[str, str]
) -> None:
    activate = programs.program("systemd-socket-activate")
    port = free_port()
    passed = [f"--setenv={name}" for name in web_settings]
    command = [activate, f"--listen=127.0.0.1:{port}", *passed, *programs.GUNICORN]
    # PORT is the test's own web process: the socket that was passed counts, not the setting.
    url = f"http://127.0.0.1:{port}/healthz"
    with programs.running(command, web_settings, tmp_path, url):
        assert requests.get(url, timeout=45).json()["status"] == "ok"


EXEC_WITH_SOCKET = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.set_inheritable(3, True)
os.environ |= {"LISTEN_FDS": "1", "LISTEN_PID": str(os.getpid())}
os.execvp(sys.argv[2], sys.argv[2:])
"""


@contextmanager
def _activated(
    listener: socket.socket, environ: dict[str, str]
) -> Iterator[subprocess.Popen[bytes]]:
    """A web process that inherits `listener` as systemd would pass it."""
    number = listener.fileno()
    command = [sys.executable, "-c", EXEC_WITH_SOCKET, str(number), *programs.GUNICORN]
    process = children.start(command, env=environ, cwd=programs.ROOT, pass_fds=[number])
    try:
        yield process
    finally:
        children.stop(process)


def _ask(url: str, stop: Event, outcomes: list[str]) -> None:
    """One new connection after the other."""
    while not stop.is_set():
        try:
            outcomes.append(str(requests.get(url, timeout=45).status_code))
        except requests.RequestException as error:
            outcomes.append(repr(error))


@pytest.mark.long
def test_a_restart_behind_the_socket_drops_no_connection(web_settings: dict[str, str]) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=2048) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/healthz"
        stop = Event()
        outcomes: list[str] = []
        threads = [Thread(target=_ask, args=(url, stop, outcomes)) for _ in range(4)]
        try:
            for _ in range(2):
                with _activated(listener, web_settings):
                    if not threads[0].ident:
                        for thread in threads:
                            thread.start()
                    answered = len(outcomes)
                    eventually(lambda enough=answered + 20: len(outcomes) > enough, 30)
            with _activated(listener, web_settings):
                stop.set()
                for thread in threads:
                    thread.join()
        finally:
            stop.set()
    assert len(outcomes) > 40
    assert set(outcomes) == {"200"}
