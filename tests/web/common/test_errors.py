"""What goes wrong is told in a page, with an id that stands in the log."""

import logging
import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text
from werkzeug.test import TestResponse

from app.domain.common.errors import RateLimited
from app.models.common.base import db
from app.store.transaction import write_transaction
from tests.web.visitor import Visitor

INCIDENT = re.compile(r"Include this ID.*?<code>([0-9a-f]{16})</code>")


def quoted(response: TestResponse) -> str:
    match = INCIDENT.search(response.text)
    assert match, response.text
    return match[1]


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.INFO, "callboard.web")
    return caplog


def test_a_missing_page_is_shown_with_the_navigation(owner: Visitor, log: Any) -> None:
    response = owner.get("/nothing/of/the/kind")
    assert response.status_code == 404
    assert "Not found" in response.text
    assert 'aria-label="Main"' in response.text
    assert quoted(response) == response.headers["X-Request-Id"]


def test_a_forbidden_page_names_the_role(viewer: Visitor, log: Any) -> None:
    response = viewer.get("/settings/audit")
    assert response.status_code == 403
    assert "Your role is viewer. This requires the role owner." in response.text
    assert quoted(response) == response.headers["X-Request-Id"]


def test_too_many_requests_show_when_to_retry(sqlite_app: Flask, owner: Visitor) -> None:
    def refuse() -> None:
        raise RateLimited(17)

    sqlite_app.view_functions["overview.show"] = refuse
    response = owner.get("/")
    assert (response.status_code, response.headers["Retry-After"]) == (429, "17")
    assert "Retry in 17 s." in response.text
    assert quoted(response)


def test_an_internal_error_shows_only_its_id(sqlite_app: Flask, owner: Visitor, log: Any) -> None:
    def broken() -> None:
        secret = "of-nobodys-concern"
        raise KeyError(secret)

    sqlite_app.config["PROPAGATE_EXCEPTIONS"] = False
    sqlite_app.view_functions["overview.show"] = broken
    response = owner.get("/")
    assert response.status_code == 500
    assert "of-nobodys-concern" not in response.text
    assert f"request {quoted(response)}" in log.text
    assert "KeyError: 'of-nobodys-concern'" in log.text
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]


def test_an_unavailable_database_is_503(sqlite_app: Flask, owner: Visitor, log: Any) -> None:
    sqlite_app.config["PROPAGATE_EXCEPTIONS"] = False
    with write_transaction() as session:
        session.execute(text("ALTER TABLE users RENAME TO elsewhere"))
    db.session.remove()
    response = owner.get("/settings")
    assert (response.status_code, response.headers["Retry-After"]) == (503, "5")
    assert "Database unavailable" in response.text
    assert quoted(response) in log.text
