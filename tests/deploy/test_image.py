"""The image's files: the lint, what is copied, and the entry point with real processes.

The whole image is built and run by script/acceptance.
"""

import re
import runpy
import subprocess
from pathlib import Path

import pytest

from tests.deploy.tools.programs import DEPLOY, ROOT, program, running, settings
from tests.support.databases import SqliteTemplate
from tests.support.servers.ports import free_port

ENTRYPOINT = str(DEPLOY / "image/entrypoint.sh")
COPY = re.compile(r"^COPY ([^-\n]*) \S+$", re.MULTILINE)


def test_hadolint_passes() -> None:
    command = [program("hadolint"), str(DEPLOY / "Dockerfile")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def test_the_build_context_contains_only_what_is_copied() -> None:
    copied = {
        source.removesuffix("/")
        for sources in COPY.findall((DEPLOY / "Dockerfile").read_text())
        for source in sources.split()
    }
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    sent = {line[1:] for line in lines if line.startswith("!")}
    assert "*" in lines
    assert sent == copied
    assert [name for name in sent if not (ROOT / name).exists()] == []


def test_migrate_creates_the_tables(tmp_path: Path, redis_url: str) -> None:
    environ = settings(tmp_path, f"sqlite:///{tmp_path}/a.db", redis_url)
    for _ in range(2):
        command = [ENTRYPOINT, "migrate"]
        done = subprocess.run(command, env=environ, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr.decode()
    assert (tmp_path / "a.db").stat().st_size > 0


@pytest.mark.long
def test_the_default_command_is_web(
    tmp_path: Path, sqlite_template: SqliteTemplate, redis_url: str
) -> None:
    port = str(free_port())
    environ = settings(tmp_path, sqlite_template.copy(tmp_path), redis_url, PORT=port)
    with running([ENTRYPOINT], environ, tmp_path, f"http://127.0.0.1:{port}/healthz"):
        done = subprocess.run([ENTRYPOINT, "healthcheck"], env=environ, check=False)
        assert done.returncode == 0


def test_any_other_command_is_run_unchanged() -> None:
    done = subprocess.run([ENTRYPOINT, "echo", "a  b"], capture_output=True, check=True)
    assert done.stdout == b"a  b\n"


@pytest.mark.parametrize(
    ("command", "state", "healthy"),
    [
        ("python worker.py", "S", True),
        ("python worker.py", "T", False),
        ("python worker.py", "Z", False),
        ("sleep 9", "S", False),
        ("python -m gunicorn wsgi:app", "S", False),  # Nothing answers on its port.
    ],
)
def test_the_health_check_reports_a_stopped_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str, state: str, healthy: bool
) -> None:
    process = tmp_path / "7"
    process.mkdir()
    (process / "cmdline").write_bytes(command.replace(" ", "\0").encode())
    (process / "stat").write_text(f"7 (a) b) {state} 1 7 7")
    monkeypatch.setenv("PORT", str(free_port()))
    main = runpy.run_path(str(DEPLOY / "image/healthcheck.py"))["main"]
    assert (main(tmp_path) == 0) is healthy
