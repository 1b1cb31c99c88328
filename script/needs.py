"""What the tests use of the machine: gets it where it may, says what is left out where it may not.

In CI (CI=true) nothing is left out: what cannot be had is an error.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from app.supervisor import redis_binary
from app.supervisor.errors import CannotStart

# Debian's package, the programs that it brings (one is enough), and what needs them.
NEEDS = {
    "chromium": (("chromium", "chromium-browser", "google-chrome"), "tests in a real browser"),
    "ffmpeg": (("ffmpeg",), "the example with a real encoding"),
    "nginx-light": (("nginx",), "deploy/nginx with the real server"),
    "caddy": (("caddy",), "deploy/caddy with the real server"),
    "systemd": (("systemd-analyze",), "the units of deploy/systemd"),
}
# What script/acceptance needs besides.
ACCEPTANCE = {
    "debootstrap": (("debootstrap",), "the image, whose base is made with it"),
    "buildah": (("buildah",), "the image, which it builds"),
    "podman": (("podman",), "the image, which it runs"),
    "runc": (("runc",), "the image, in which it starts processes"),
}

# While this says 101, Debian's packages start no service.
POLICY = Path("/usr/sbin/policy-rc.d")


def main(parts: Sequence[str]) -> int:
    """parts: `acceptance`, or nothing."""
    needs = NEEDS | (ACCEPTANCE if "acceptance" in parts else {})
    missing = [package for package, (programs, _) in needs.items() if not _is_there(programs)]
    if missing and os.geteuid() == 0 and shutil.which("apt-get"):
        say(f"Installing {', '.join(missing)} from Debian's packages.")
        _apt_get(["update", "-q"])
        _apt_get(["install", "-qy", "--no-install-recommends", *missing])
    left_out = [package for package in missing if not _is_there(needs[package][0])]
    for package in left_out:
        say(f"LEFT OUT: {needs[package][1]}, for want of {package} (apt-get install {package}).")
    try:
        say(f"Redis comes from {redis_binary.find_or_install()}.")
    except CannotStart as error:
        say(str(error))
        return 1
    return 1 if left_out and os.environ.get("CI") == "true" else 0


def _is_there(programs: Sequence[str]) -> bool:
    # Servers are in /usr/sbin, which an ordinary user's PATH leaves out.
    path = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin"))
    return any(shutil.which(program, path=path) for program in programs)


def _apt_get(arguments: Sequence[str]) -> None:
    environ = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    command = ["apt-get", *arguments]
    with _services_stay_stopped():
        subprocess.run(command, env=environ, stdout=subprocess.DEVNULL, check=False, timeout=600)


@contextmanager
def _services_stay_stopped() -> Iterator[None]:
    """Packages of servers start them, on ports of this machine, unless this file forbids it."""
    if POLICY.exists():
        yield
        return
    try:
        POLICY.write_text("#!/bin/sh\nexit 101\n")
        POLICY.chmod(0o755)
        yield
    finally:
        POLICY.unlink(missing_ok=True)


def say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
