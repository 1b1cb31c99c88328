"""A drain on the test's database, driven by the test itself."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from app.engine.dispatcher import Dispatcher
from app.runtime.context import runtime_of
from tests.conftest import app_fixture_of


@pytest.fixture
def dispatcher(request: pytest.FixtureRequest, database_kind: str) -> Iterator[Dispatcher]:
    """Of the application that the test asks for."""
    made = new_drain(request.getfixturevalue(app_fixture_of(request)))
    yield made
    made.close()


def new_drain(app: Flask, **more: Any) -> Dispatcher:
    runtime = runtime_of(app)
    return Dispatcher(
        runtime.settings,
        runtime.write_lock,
        runtime.vault,
        runtime.guard,
        **more,
    )
