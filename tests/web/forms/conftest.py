"""One installation for all forms of a module; each test has its own organization."""

from collections.abc import Iterator

import pytest
from flask import Flask

from app import create_app
from app.models.common.base import db
from app.runtime.context import runtime
from app.services.accounts import organizations
from tests.conftest import settings_for
from tests.support.databases import SqliteTemplate
from tests.web.forms.form_fields import World


@pytest.fixture(scope="module")
def installation(
    sqlite_template: SqliteTemplate,
    tmp_path_factory: pytest.TempPathFactory,
    redis_server_url: str,
) -> Iterator[Flask]:
    directory = tmp_path_factory.mktemp("forms")
    app = create_app(settings_for(sqlite_template.copy(directory), redis_server_url, directory))
    app.testing = True
    with app.app_context():
        yield app
        runtime().key_usage.close()
        runtime().expression_sandbox.close()
        runtime().schema_sandbox.close()
        runtime().payload_sandbox.close()
        db.session.remove()
        db.engine.dispose()


@pytest.fixture(scope="module")
def shared_world(installation: Flask) -> World:
    return World(installation, organizations.create("Acme Video").id, "shared@example.com")


@pytest.fixture
def world(installation: Flask, redis_url: str) -> World:
    """redis_url: emptied, so that no limit of sign-ins is reached."""
    assert redis_url
    return World(installation, organizations.create("Acme Video").id)
