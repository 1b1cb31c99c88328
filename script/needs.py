"""What the tests use of the machine: gets it where it may, says what is left out where it may not.

In CI (CI=true) nothing is left out: what cannot be had is an error.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence

from app.supervisor import redis_binary
from app.supervisor.trouble import CannotStart

# Debian's package, the programs that it brings (one is enough), and what needs them.
NEEDS = {
    "chromium": (("chromium", "chromium-browser", "google-chrome"), "tests in a real browser"),
    "ffmpeg": (("ffmpeg",), "the example with a real encoding"),
}


def main() -> int:
    missing = [package for package in NEEDS if not _is_there(package)]
    if missing and os.geteuid() == 0 and shutil.which("apt-get"):
        say(f"Installing {', '.join(missing)} from Debian's packages.")
        _apt_get(["update", "-q"])
        _apt_get(["install", "-qy", "--no-install-recommends", *missing])
    left_out = [package for package in NEEDS if not _is_there(package)]
    for package in left_out:
        say(f"LEFT OUT: {NEEDS[package][1]}, for want of {package} (apt-get install {package}).")
    try:
        say(f"Redis comes from {redis_binary.find_or_get()}.")
    except CannotStart as error:
        say(str(error))
        return 1
    return 1 if left_out and os.environ.get("CI") == "true" else 0


def _is_there(package: str) -> bool:
    return any(shutil.which(program) for program in NEEDS[package][0])


def _apt_get(arguments: Sequence[str]) -> None:
    environ = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(
        ["apt-get", *arguments], env=environ, stdout=subprocess.DEVNULL, check=False, timeout=600
    )


def say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
