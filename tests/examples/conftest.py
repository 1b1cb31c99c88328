"""The application on a real port, and the examples as processes."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.serving import make_server

from app import create_app
from app.models.common.base import db
from app.runtime.context import runtime
from app.services.accounts import api_keys, first_run
from app.services.accounts.actor import SYSTEM
from tests.conftest import settings_for
from tests.support.product import PLATFORM_KEY

ROOT = Path(__file__).resolve().parents[2]

Run = Callable[..., subprocess.CompletedProcess[str]]


@dataclass(frozen=True)
class Served:
    """organization_id: the one of the first start. key: an API key with all scopes."""

    url: str
    app: Flask
    organization_id: str
    key: str


@pytest.fixture
def served(sqlite_url: str, redis_url: str, tmp_path: Path) -> Iterator[Served]:
    app = create_app(settings_for(sqlite_url, redis_url, tmp_path, PLATFORM_API_KEY=PLATFORM_KEY))
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        with app.app_context():
            first_run.link_token()
            organization_id = _only_organization()
            key = api_keys.create(organization_id, "tests", actor=SYSTEM).key
            yield Served(f"http://127.0.0.1:{server.port}", app, organization_id, key)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        with app.app_context():
            runtime().key_usage.close()
            db.engine.dispose()


def _only_organization() -> str:
    from app.queries.accounts import users as accounts

    [row] = accounts.organizations(10).rows
    return row.id


@pytest.fixture
def run(tmp_path: Path, served: Served) -> Run:
    """`run("producer.py", "--seconds", "1")`: run the example against `served` in a temporary
    directory. Returns the output and the exit code."""

    def run_example(name: str, *arguments: str, **environ: str) -> Any:
        program = ROOT / "examples" / name
        interpreter = {".py": [sys.executable], ".mjs": ["node"]}.get(program.suffix, [])
        return subprocess.run(
            [*interpreter, str(program), *arguments],
            cwd=tmp_path,
            env=os.environ
            | {"CALLBOARD_URL": served.url, "CALLBOARD_API_KEY": served.key}
            | environ,
            capture_output=True,
            text=True,
            timeout=170,
            check=False,
        )

    return run_example
