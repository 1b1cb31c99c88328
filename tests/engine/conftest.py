"""A dispatcher on the test's database, run by the test itself."""

from collections.abc import Iterator

import pytest

from app.engine.dispatcher import Dispatcher
from app.runtime.context import runtime_of
from tests.conftest import app_fixture_of
from tests.support.dispatchers import dispatcher_of


@pytest.fixture
def dispatcher(request: pytest.FixtureRequest, database_kind: str) -> Iterator[Dispatcher]:
    """Uses the application that the test requests."""
    running = dispatcher_of(runtime_of(request.getfixturevalue(app_fixture_of(request))))
    yield running
    running.close()
