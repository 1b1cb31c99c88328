"""Periodic tasks run in workers, which wait for the write lock as long as it takes."""

from collections.abc import Callable
from functools import partial

import pytest
from flask import Flask

from app.factory import create_core
from app.runtime.configuration.settings import Settings


@pytest.fixture(scope="session")
def make_app() -> Callable[[Settings], Flask]:
    return partial(create_core, durable=False)
