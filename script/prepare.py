"""Make .venv hold what a lock file names, then become the command that follows `--`, if any.

    python script/prepare.py requirements.txt -- -m app.supervisor

Runs on any Python from 3.11 with nothing installed. Nothing is done when the lock is the one that
was installed last. The note of what is installed is removed first and written last, so that a
set-up that was interrupted starts from nothing the next time.
"""

import fcntl
import hashlib
import importlib.util
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
NOTE = VENV / "installed.json"
OUTSIDE = re.compile(r"PYTHON(HOME|PATH)|PIP_(USER|TARGET|PREFIX|REQUIRE_VIRTUALENV)|VIRTUAL_ENV")


def main(arguments: list[str]) -> None:
    lock, *command = arguments
    # Two commands typed at once: the second waits, and finds the work done.
    directory = os.open(ROOT, os.O_RDONLY | os.O_CLOEXEC)
    fcntl.flock(directory, fcntl.LOCK_EX)
    prepare(lock)
    fcntl.flock(directory, fcntl.LOCK_UN)
    if command:
        os.execv(PYTHON, [str(PYTHON), *command[1:]])


def prepare(lock: str) -> None:
    wanted, found = what_is_wanted(lock), what_is_there()
    if found is None or found["python"] != wanted["python"] or found["root"] != wanted["root"]:
        make_environment()
    elif wanted["locks"].items() <= found["locks"].items():
        return
    NOTE.unlink(missing_ok=True)
    say(f"Installing what {lock} names; this takes a minute the first time.")
    options = ["--quiet", "--disable-pip-version-check", "--no-input", "--require-hashes"]
    run([str(PYTHON), "-m", "pip", "install", *options, "-r", lock])
    draft = NOTE.with_suffix(".new")
    draft.write_text(json.dumps(wanted))
    draft.replace(NOTE)


def what_is_wanted(lock: str) -> dict:
    """The note to be written: the locks that will be satisfied, and where and for which Python."""
    # The locked development tools contain all that the product runs on.
    locks = {lock} | ({"requirements.txt"} if lock == "requirements-dev.txt" else set())
    digests = {name: hashlib.sha256((ROOT / name).read_bytes()).hexdigest() for name in locks}
    version = "{}.{}".format(*sys.version_info)
    return {"python": version, "root": str(ROOT), "locks": digests}


def what_is_there() -> dict | None:
    try:
        note = json.loads(NOTE.read_text())
    except (OSError, ValueError):
        return None
    return note if os.access(PYTHON, os.X_OK) else None


def make_environment() -> None:
    base = getattr(sys, "_base_executable", None) or sys.executable
    version = "{}.{}".format(*sys.version_info)
    say(f"Making a virtual environment in .venv with Python {version}.")
    if importlib.util.find_spec("ensurepip") is None:
        get_ensurepip(version)
    shutil.rmtree(VENV, ignore_errors=True)
    run([base, "-m", "venv", str(VENV)])


def get_ensurepip(version: str) -> None:
    """Debian ships `venv` apart from Python."""
    package = f"python{version}-venv"
    if os.geteuid() == 0 and shutil.which("apt-get"):
        say(f"Installing Debian's {package}.")
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        subprocess.run(["apt-get", "update", "-q"], check=False, **quiet)
        done = subprocess.run(["apt-get", "install", "-qy", package], check=False, **quiet)
        if done.returncode == 0:
            return
    fail(f"This Python cannot make virtual environments. On Debian: apt-get install {package}")


def run(command: list[str]) -> None:
    """Run it without settings from outside that would change where packages go."""
    environ = {name: value for name, value in os.environ.items() if not OUTSIDE.fullmatch(name)}
    done = subprocess.run(command, cwd=ROOT, env=environ, check=False)
    if done.returncode:
        fail("The set-up did not succeed; the lines above say why. Run the same command again.")


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def fail(text: str) -> None:
    say(text)
    sys.exit(1)


if __name__ == "__main__":
    os.chdir(ROOT)
    # Being told to stop ends pip as well.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        main(sys.argv[1:])
    except KeyboardInterrupt:
        fail("Stopped during the set-up; the next start does it again.")
