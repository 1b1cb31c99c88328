"""The set-up that every command does first."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).resolve().parents[2] / "script"


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A project whose lock names nothing, so that nothing is fetched."""
    shutil.copytree(SCRIPTS, tmp_path / "script")
    (tmp_path / "requirements.txt").write_text("# nothing\n")
    return tmp_path


def _prepare(clone: Path, *command: str, python: Path | str = sys.executable) -> str:
    line = [str(python), "script/prepare.py", "requirements.txt", "--", *command]
    done = subprocess.run(line, cwd=clone, capture_output=True, text=True, check=True)
    return done.stdout


def test_it_makes_an_environment_once_and_becomes_the_command(clone: Path) -> None:
    venv = clone / ".venv"
    assert _prepare(clone, "-c", "import sys; print(sys.prefix)") == f"{venv}\n"
    # Nothing changed: nothing is done, also when the environment's own Python asks.
    (venv / "mark").touch()
    note = (venv / "installed.json").stat().st_mtime_ns
    _prepare(clone, "-c", "", python=venv / "bin" / "python")
    assert (venv / "installed.json").stat().st_mtime_ns == note
    # Another lock: installed into what is there.
    (clone / "requirements.txt").write_text("# still nothing\n")
    _prepare(clone, "-c", "")
    assert (venv / "installed.json").stat().st_mtime_ns != note
    assert (venv / "mark").exists()
    # Interrupted before the note was written: made anew.
    (venv / "installed.json").unlink()
    _prepare(clone, "-c", "")
    assert not (venv / "mark").exists()


def _find_python(directory: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    bash = shutil.which("bash")
    assert bash
    line = [bash, "-c", f". {SCRIPTS}/lib.sh; cd {directory}; find_python"]
    environ = {"PATH": f"{directory}:{os.environ['PATH']}", **environ}
    return subprocess.run(line, env=environ, capture_output=True, text=True, check=False)


def test_an_old_python_is_passed_over(tmp_path: Path) -> None:
    for name in ("python3", "python"):
        (tmp_path / name).write_text("#!/bin/sh\nexit 1\n")
        (tmp_path / name).chmod(0o755)
    (tmp_path / "python3.11").symlink_to(sys.executable)
    for name in ("python3.14", "python3.13", "python3.12"):
        (tmp_path / name).symlink_to(tmp_path / "python3")
    assert _find_python(tmp_path).stdout == "python3.11\n"


def test_without_a_python_the_message_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "dirname").symlink_to(str(shutil.which("dirname")))
    found = _find_python(tmp_path, PATH=str(tmp_path))
    assert found.returncode == 1
    assert "needs Python 3.11 or newer" in found.stderr


def test_a_data_directory_counts_from_where_the_command_was_typed(tmp_path: Path) -> None:
    line = ["bash", "-c", f". {SCRIPTS}/lib.sh; echo $DATA_DIR"]
    environ = os.environ | {"DATA_DIR": "here"}
    done = subprocess.run(
        line, cwd=tmp_path, env=environ, capture_output=True, text=True, check=True
    )
    assert done.stdout == f"{tmp_path}/here\n"
