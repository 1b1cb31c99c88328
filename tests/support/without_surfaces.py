"""`make_app` for folders whose tests send no request: the surfaces take most of a start."""

from collections.abc import Callable

import pytest
from flask import Flask

from app.factory import create_core
from app.runtime.configuration.settings import Settings


@pytest.fixture(scope="session")
def make_app() -> Callable[[Settings], Flask]:
    return create_core
