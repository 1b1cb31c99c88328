"""What goes wrong is told in a page, with an id that stands in the log."""

import logging
import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text
from werkzeug.test import TestResponse

from app.domain.common.errors import RateLimited
from app.models.base import db
from app.store.transaction import write_transaction
from tests.web.visitor import Visitor

INCIDENT = re.compile(r"Quote this id.*?<code>([0-9a-f]{12})</code>")


def quoted(answer: TestResponse) -> str:
    found = INCIDENT.search(answer.text)
    assert found, answer.text
    return found[1]


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.INFO, "callboard.web")
    return caplog


def test_what_is_not_there_is_told_inside_the_frame(owner: Visitor, log: Any) -> None:
    answer = owner.get("/nothing/of/the/kind")
    assert answer.status_code == 404
    assert "There is nothing here" in answer.text
    assert 'aria-label="Main"' in answer.text
    assert quoted(answer) in log.text


def test_what_a_role_does_not_allow(viewer: Visitor, log: Any) -> None:
    answer = viewer.get("/settings/audit")
    assert answer.status_code == 403
    assert "Your role, viewer, may not do this. An owner may." in answer.text
    assert quoted(answer) in log.text


def test_too_many_requests_say_when_to_come_again(sqlite_app: Flask, owner: Visitor) -> None:
    def refuse() -> None:
        raise RateLimited(17)

    sqlite_app.view_functions["overview.show"] = refuse
    answer = owner.get("/")
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "17")
    assert "Retry in 17 s." in answer.text
    assert quoted(answer)


def test_a_fault_of_ours_shows_nothing_of_it_but_an_id(
    sqlite_app: Flask, owner: Visitor, log: Any
) -> None:
    def broken() -> None:
        secret = "of-nobodys-concern"
        raise KeyError(secret)

    sqlite_app.config["PROPAGATE_EXCEPTIONS"] = False
    sqlite_app.view_functions["overview.show"] = broken
    answer = owner.get("/")
    assert answer.status_code == 500
    assert "of-nobodys-concern" not in answer.text
    assert f"incident {quoted(answer)}" in log.text
    assert "KeyError: 'of-nobodys-concern'" in log.text
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_a_database_that_is_away_is_no_fault_of_the_page(
    sqlite_app: Flask, owner: Visitor, log: Any
) -> None:
    sqlite_app.config["PROPAGATE_EXCEPTIONS"] = False
    with write_transaction() as session:
        session.execute(text("ALTER TABLE users RENAME TO elsewhere"))
    db.session.remove()
    answer = owner.get("/settings")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert "The database does not answer" in answer.text
    assert quoted(answer) in log.text
