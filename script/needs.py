"""Install the programs that the tests need, or say which tests are skipped without them.

In CI (CI=true) a missing program is an error, if it is not optional.
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

# Debian package: its programs or files (any of them is enough), and what needs them.
NEEDS = {
    "chromium": (("chromium", "chromium-browser", "google-chrome"), "tests in a real browser"),
    "ffmpeg": (("ffmpeg",), "the example with a real encoding"),
    "nginx-light": (("nginx",), "deploy/nginx with the real server"),
    "caddy": (("caddy",), "deploy/caddy with the real server"),
    "prometheus": (("promtool",), "the alert rules and the names of metrics"),
    "systemd": (("systemd-analyze",), "the units of deploy/systemd"),
}
# Their tests are skipped where these cannot be had, in CI too.
OPTIONAL = {
    "php-cli": (("php",), "the samples in PHP"),
    "ruby": (("ruby",), "the samples in Ruby"),
}
# Also needed by script/receivers.
_INSTALLED = "/var/lib/dpkg/info/{}.list"
RECEIVERS = {
    **{
        package: ((_INSTALLED.format(package),), "the receiver for Rails")
        for package in ("ruby-rails", "puma", "ruby-sqlite3")
    },
    **{
        package: ((_INSTALLED.format(package),), "the receiver for Laravel")
        for package in ("php-laravel-framework", "php-sqlite3")
    },
    "mono-mcs": (("mcs",), "the samples in C#"),
    "mono-runtime": (("mono",), "the samples in C#"),
    "libmono-system-core4.0-cil": (
        (_INSTALLED.format("libmono-system-core4.0-cil"),),
        "the samples in C#",
    ),
}
# Also needed by script/acceptance.
ACCEPTANCE = {
    "debootstrap": (("debootstrap",), "the image, whose base is made with it"),
    "buildah": (("buildah",), "the image, which it builds"),
    "podman": (("podman",), "the image, which it runs"),
    "runc": (("runc",), "the image, in which it starts processes"),
}

# While this exits with 101, Debian packages start no services.
POLICY = Path("/usr/sbin/policy-rc.d")


def main(parts: Sequence[str]) -> int:
    """parts: `acceptance`, `receivers`, or nothing."""
    needs = NEEDS | OPTIONAL
    needs |= (ACCEPTANCE if "acceptance" in parts else {}) | (
        RECEIVERS if "receivers" in parts else {}
    )
    missing = [package for package, (programs, _) in needs.items() if not _is_installed(programs)]
    if missing and os.geteuid() == 0 and shutil.which("apt-get"):
        say(f"Installing {', '.join(missing)} from Debian's packages.")
        _apt_get(["update", "-q"])
        _apt_get(["install", "-qy", "--no-install-recommends", *missing])
    skipped = [package for package in missing if not _is_installed(needs[package][0])]
    for package in skipped:
        say(f"SKIPPED: {needs[package][1]}: {package} is missing (apt-get install {package}).")
    try:
        say(f"Using Redis from {redis_binary.find_or_install()}.")
    except CannotStart as error:
        say(str(error))
        return 1
    required = [package for package in skipped if package not in OPTIONAL | RECEIVERS]
    return 1 if required and os.environ.get("CI") == "true" else 0


def _is_installed(programs: Sequence[str]) -> bool:
    # Servers are in /usr/sbin, which is not in an ordinary user's PATH.
    path = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin"))
    return any(
        Path(program).exists() if program.startswith("/") else shutil.which(program, path=path)
        for program in programs
    )


def _apt_get(arguments: Sequence[str]) -> None:
    environ = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    command = ["apt-get", *arguments]
    with _without_service_start():
        subprocess.run(command, env=environ, stdout=subprocess.DEVNULL, check=False, timeout=600)


@contextmanager
def _without_service_start() -> Iterator[None]:
    """Prevent packages from starting their services on ports of this machine."""
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
