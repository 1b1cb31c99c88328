"""Workers on the test's database, which may be stopped, killed and cut off."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.runtime.context import runtime_of
from tests.conftest import app_fixture_of
from tests.faults.workers import Workers


@pytest.fixture
def workers(
    request: pytest.FixtureRequest, database_kind: str, tmp_path: Path
) -> Iterator[Workers]:
    """Of the application that the test asks for. What they said is told with a failure."""
    app = request.getfixturevalue(app_fixture_of(request))
    made = Workers(runtime_of(app).settings, tmp_path)
    yield made
    made.end()
    sys.stderr.write(made.said())
