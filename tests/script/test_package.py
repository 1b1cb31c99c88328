"""`pip install .`: the distribution `callboard-server` with the command `callboard-admin`."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.habits.tree import ROOT

pytestmark = pytest.mark.timeout(240)

BUILD = "import sys; from hatchling.build import build_wheel; print(build_wheel(sys.argv[1]))"


def _run(code: str, *arguments: str, cwd: Path, **environ: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=cwd,
        env={"PATH": os.environ["PATH"]} | environ,
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("wheel")
    name = _run(BUILD, str(directory), cwd=ROOT, PYTHONDONTWRITEBYTECODE="1").splitlines()[-1]
    return directory / name


def test_the_wheel_is_the_server_with_its_command_and_requirements(wheel: Path) -> None:
    assert wheel.name.startswith("callboard_server-0.1.0-")
    with zipfile.ZipFile(wheel) as files:
        [metadata] = [name for name in files.namelist() if name.endswith("/METADATA")]
        [commands] = [name for name in files.namelist() if name.endswith("/entry_points.txt")]
        text = files.read(metadata).decode()
        assert "callboard-admin = app.cli.admin:run" in files.read(commands).decode()
    for requirement in ("flask", "psycopg[binary]", "structlog"):
        assert f"Requires-Dist: {requirement}\n" in text


def test_the_installed_command_works_in_any_directory(wheel: Path, tmp_path: Path) -> None:
    installed = tmp_path / "installed"
    with zipfile.ZipFile(wheel) as files:
        files.extractall(installed)
    code = "import sys; sys.argv[0] = 'callboard-admin'; from app.cli.admin import run; run()"
    environ = {
        "PYTHONPATH": str(installed),
        "DATA_DIR": str(tmp_path / "data"),
        "SECRET_KEY": "abcdefghijklmnopqrstuvwxyz0123456789",
    }
    _run(code, "migrate", cwd=tmp_path, **environ)
    link = _run(code, "first-owner-link", cwd=tmp_path, **environ)
    assert link.startswith("http://127.0.0.1:8000/sign-in/link/")
