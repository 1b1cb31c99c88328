"""Install the packages of a lock file into .venv, then run the command that follows `--`, if any.

    python script/prepare.py requirements.txt -- -m app.supervisor

Runs on any Python from 3.11 without packages. Does nothing if the lock was the last one installed.
The record of what is installed is deleted first and written last, so an interrupted setup starts
from scratch the next time.
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
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
RECORD = VENV / "installed.json"
OUTSIDE = re.compile(r"PYTHON(HOME|PATH)|PIP_(USER|TARGET|PREFIX|REQUIRE_VIRTUALENV)|VIRTUAL_ENV")


def main(arguments: list[str]) -> None:
    lock, *command = arguments
    # If two commands run at once, the second waits and finds everything installed.
    directory = os.open(ROOT, os.O_RDONLY | os.O_CLOEXEC)
    fcntl.flock(directory, fcntl.LOCK_EX)
    prepare(lock)
    fcntl.flock(directory, fcntl.LOCK_UN)
    if command:
        os.execv(PYTHON, [str(PYTHON), *command[1:]])


def prepare(lock: str) -> None:
    required, installed = required_record(lock), installed_record()
    if (
        installed is None
        or installed["python"] != required["python"]
        or installed["root"] != required["root"]
    ):
        create_environment()
    elif required["locks"].items() <= installed["locks"].items():
        return
    RECORD.unlink(missing_ok=True)
    say(f"Installing {lock}; this takes a minute the first time.")
    options = ["--quiet", "--disable-pip-version-check", "--no-input", "--require-hashes"]
    run([str(PYTHON), "-m", "pip", "install", *options, "-r", lock])
    draft = RECORD.with_suffix(".new")
    draft.write_text(json.dumps(required))
    draft.replace(RECORD)


def required_record(lock: str) -> dict:
    """The record to write: digests of the locks, the Python version, and the location."""
    # The development lock contains the packages of the product.
    locks = {lock} | ({"requirements.txt"} if lock == "requirements-dev.txt" else set())
    digests = {name: hashlib.sha256((ROOT / name).read_bytes()).hexdigest() for name in locks}
    version = "{}.{}".format(*sys.version_info)
    return {"python": version, "root": str(ROOT), "locks": digests}


def installed_record() -> dict | None:
    try:
        record = json.loads(RECORD.read_text())
    except (OSError, ValueError):
        return None
    return record if os.access(PYTHON, os.X_OK) else None


def create_environment() -> None:
    base = getattr(sys, "_base_executable", None) or sys.executable
    version = "{}.{}".format(*sys.version_info)
    say(f"Creating a virtual environment in .venv with Python {version}.")
    if importlib.util.find_spec("ensurepip") is None:
        install_ensurepip(version)
    shutil.rmtree(VENV, ignore_errors=True)
    run([base, "-m", "venv", str(VENV)])


def install_ensurepip(version: str) -> None:
    """Install `venv`, which Debian packages separately."""
    package = f"python{version}-venv"
    if os.geteuid() == 0 and shutil.which("apt-get"):
        say(f"Installing Debian's {package}.")
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        subprocess.run(["apt-get", "update", "-q"], check=False, **quiet)
        done = subprocess.run(["apt-get", "install", "-qy", package], check=False, **quiet)
        if done.returncode == 0:
            return
    fail(f"This Python cannot create virtual environments. On Debian: apt-get install {package}")


def run(command: list[str]) -> None:
    """Run a command without environment variables that would redirect packages."""
    environ = {name: value for name, value in os.environ.items() if not OUTSIDE.fullmatch(name)}
    done = subprocess.run(command, cwd=ROOT, env=environ, check=False)
    if done.returncode:
        fail("Setup failed; see the lines above. Fix the cause and run the command again.")


def say(text: str) -> None:
    if os.environ.get("LOG_FORMAT") == "json":
        # The fields that every line of the product begins with.
        now = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime())
        head = {"time": now, "level": "info", "process": "setup", "pid": os.getpid()}
        text = json.dumps(head | {"message": text})
    print(text, file=sys.stderr, flush=True)


def fail(text: str) -> None:
    say(text)
    sys.exit(1)


if __name__ == "__main__":
    os.chdir(ROOT)
    # SIGTERM must end pip, too.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        main(sys.argv[1:])
    except KeyboardInterrupt:
        fail("Setup was interrupted; the next start repeats it.")
