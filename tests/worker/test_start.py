"""What a worker process loads."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.runtime.root import ROOT
from tests.support.databases import SECRET_KEY

# Ends where the process has loaded all, before it begins to work.
PROGRAM = """
import sys
import worker
from app.runtime import garbage


def end():
    print(*sorted(sys.modules))
    sys.exit()


garbage.resume = end
worker.main()
"""


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The modules of a worker that is about to work."""
    folder: Path = tmp_path_factory.mktemp("worker")
    environ = {
        "PATH": os.environ["PATH"],
        "DATA_DIR": str(folder),
        "SECRET_KEY": SECRET_KEY,
        "REDIS_URL": "redis://127.0.0.1:1",
    }
    for arguments in (["-m", "app.cli", "migrate"], ["-c", PROGRAM]):
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=ROOT,
            env=environ,
            timeout=170,
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        )
    return set(done.stdout.splitlines()[-1].split())


@pytest.mark.parametrize(
    "name",
    [
        "requests",
        "wtforms",
        "flask_wtf",
        "app.web",
        "app.api",
        "app.compat",
        "jsonschema",
        "authlib",
        "psycopg",
        "opentelemetry.sdk.metrics",
        "opentelemetry.sdk.trace",
    ],
)
def test_a_worker_does_not_load_what_it_may_never_use(loaded: set[str], name: str) -> None:
    assert "app.engine.dispatcher" in loaded
    assert name not in loaded
