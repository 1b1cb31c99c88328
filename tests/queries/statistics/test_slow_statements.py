"""The slowest statements, with and without the extension that counts them."""

from flask import Flask
from sqlalchemy import text

from app.models.common.base import db
from app.queries.maintenance import slow_statements


def test_sqlite_has_none(sqlite_app: Flask) -> None:
    with sqlite_app.app_context():
        assert slow_statements.slowest().problem == "sqlite"


def test_it_says_why_there_are_none(postgres_app: Flask) -> None:
    with postgres_app.app_context():
        assert slow_statements.slowest().problem in ("not_installed", "not_readable", "")


def test_a_server_that_does_not_count_them_is_no_error(postgres_app: Flask) -> None:
    """The extension can be created where the server has not loaded it: then reading it fails. Where
    the server comes without its additional modules, it cannot be created."""
    with postgres_app.app_context():
        available = text("SELECT 1 FROM pg_available_extensions WHERE name = 'pg_stat_statements'")
        if db.session.execute(available).first() is None:
            expected = {"not_installed"}
        else:
            db.session.execute(text("CREATE EXTENSION IF NOT EXISTS pg_stat_statements"))
            expected = {"not_readable", ""}
        assert slow_statements.slowest().problem in expected
        assert db.session.execute(text("SELECT 1")).scalar() == 1
        db.session.rollback()
