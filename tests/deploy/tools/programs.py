"""Programs that the deployment is tested with, and the web process without its supervisor."""

import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.support import children
from tests.support.databases import SECRET_KEY
from tests.support.waiting import eventually

ROOT = Path(__file__).resolve().parents[3]
DEPLOY = ROOT / "deploy"
PLATFORM_KEY = "platform-key-for-tests-0123456789"
GUNICORN = (sys.executable, "-m", "gunicorn", "wsgi:app")


def program(name: str) -> str:
    """Its path. Skips the test where it is not installed; script/needs.py refuses that in CI."""
    path = shutil.which(name, path=os.pathsep.join((str(Path(sys.executable).parent), _path())))
    if path is None:
        pytest.skip(f"{name} is not installed (see script/needs.py)")
    return path


def _path() -> str:
    return os.environ["PATH"] + os.pathsep + "/usr/sbin"


def settings(directory: Path, database_url: str, redis_url: str, **more: str) -> dict[str, str]:
    """An environment for Callboard's processes. `migrate` would create the data directory."""
    (directory / "data").mkdir(mode=0o700, exist_ok=True)
    return {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{_path()}",
        "DATA_DIR": str(directory / "data"),
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "SECRET_KEY": SECRET_KEY,
        "PLATFORM_API_KEY": PLATFORM_KEY,
        "ALLOWED_PRIVATE_NETWORKS": "",
        **more,
    }


@contextmanager
def running(
    command: Sequence[str], environ: dict[str, str], directory: Path, url: str, **options: Any
) -> Iterator[str]:
    """Run `command` in the project's root until the block ends; ready when `url` answers."""
    log = directory / f"{Path(command[0]).name}.log"
    with log.open("ab") as output:
        process = children.start(
            command, env=environ, cwd=ROOT, stdout=output, stderr=output, **options
        )
    try:

        def responds() -> bool:
            assert process.poll() is None, log.read_text(errors="replace")
            return is_up(url)

        eventually(responds, 120)
        yield url
    finally:
        children.stop(process)


def is_ready(url: str) -> bool:
    """Whether nothing is missing, at the product's URL."""
    return is_up(url) and bool(requests.get(f"{url}/readyz", timeout=5).json()["status"] == "ready")


def is_up(url: str) -> bool:
    try:
        requests.get(url, timeout=5, verify=False, allow_redirects=False)
    except requests.RequestException:
        return False
    return True
