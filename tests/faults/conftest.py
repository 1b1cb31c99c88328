"""Worker processes on the test's database, to be paused, killed and disconnected."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.runtime.context import runtime_of
from tests.conftest import app_fixture_of
from tests.faults.workers.processes import Workers


@pytest.fixture
def workers(
    request: pytest.FixtureRequest, database_kind: str, tmp_path: Path
) -> Iterator[Workers]:
    """Uses the application that the test requests. Prints the workers' output at the end."""
    app = request.getfixturevalue(app_fixture_of(request))
    running = Workers(runtime_of(app).settings, tmp_path)
    yield running
    running.stop_all()
    sys.stderr.write(running.output())
