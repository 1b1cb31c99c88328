"""The setup that every script runs first."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

# Creating an environment takes several seconds, and minutes on a busy machine.
pytestmark = pytest.mark.timeout(300)

SCRIPTS = Path(__file__).resolve().parents[2] / "script"


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A project with an empty lock file, so that nothing is downloaded."""
    shutil.copytree(SCRIPTS, tmp_path / "script")
    (tmp_path / "requirements.txt").write_text("# nothing\n")
    return tmp_path


def _prepare(
    clone: Path, *command: str, python: Path | str = sys.executable, **environ: str
) -> subprocess.CompletedProcess[str]:
    command_line = [str(python), "script/prepare.py", "requirements.txt", "--", *command]
    return subprocess.run(
        command_line,
        cwd=clone,
        env=os.environ | environ,
        capture_output=True,
        text=True,
        check=True,
    )


def test_the_environment_is_created_once_before_the_command_runs(clone: Path) -> None:
    venv = clone / ".venv"
    done = _prepare(clone, "-c", "import sys; print(sys.prefix)", LOG_FORMAT="json")
    assert done.stdout == f"{venv}\n"
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    assert [line["message"].partition(" ")[0] for line in lines] == ["Creating", "Installing"]
    assert {line["process"] for line in lines} == {"setup"}
    # Unchanged lock: nothing is done, also when run with the Python of the environment.
    (venv / "mark").touch()
    recorded_at = (venv / "installed.json").stat().st_mtime_ns
    _prepare(clone, "-c", "", python=venv / "bin" / "python")
    assert (venv / "installed.json").stat().st_mtime_ns == recorded_at
    # Changed lock: installed into the existing environment.
    (clone / "requirements.txt").write_text("# still nothing\n")
    _prepare(clone, "-c", "")
    assert (venv / "installed.json").stat().st_mtime_ns != recorded_at
    assert (venv / "mark").exists()


@pytest.mark.long
def test_an_environment_whose_setup_was_interrupted_is_created_again(clone: Path) -> None:
    _prepare(clone, "-c", "")
    (clone / ".venv" / "mark").touch()
    # Before the record was written.
    (clone / ".venv" / "installed.json").unlink()
    _prepare(clone, "-c", "")
    assert not (clone / ".venv" / "mark").exists()


def _find_python(directory: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    bash = shutil.which("bash")
    assert bash
    command_line = [bash, "-c", f". {SCRIPTS}/lib.sh; cd {directory}; find_python"]
    environ = {"PATH": f"{directory}:{os.environ['PATH']}", **environ}
    return subprocess.run(command_line, env=environ, capture_output=True, text=True, check=False)


def test_old_pythons_are_skipped(tmp_path: Path) -> None:
    for name in ("python3", "python"):
        (tmp_path / name).write_text("#!/bin/sh\nexit 1\n")
        (tmp_path / name).chmod(0o755)
    (tmp_path / "python3.11").symlink_to(sys.executable)
    for name in ("python3.14", "python3.13", "python3.12"):
        (tmp_path / name).symlink_to(tmp_path / "python3")
    assert _find_python(tmp_path).stdout == "python3.11\n"


def test_the_message_without_a_python_says_what_to_install(tmp_path: Path) -> None:
    (tmp_path / "dirname").symlink_to(str(shutil.which("dirname")))
    result = _find_python(tmp_path, PATH=str(tmp_path))
    assert result.returncode == 1
    assert "needs Python 3.11 or newer" in result.stderr


def test_a_relative_data_directory_is_relative_to_the_current_directory(tmp_path: Path) -> None:
    command_line = ["bash", "-c", f". {SCRIPTS}/lib.sh; echo $DATA_DIR"]
    environ = os.environ | {"DATA_DIR": "here"}
    done = subprocess.run(
        command_line, cwd=tmp_path, env=environ, capture_output=True, text=True, check=True
    )
    assert done.stdout == f"{tmp_path}/here\n"
