"""The slowest statements, with and without the extension that counts them."""

from typing import Any

import pytest
from sqlalchemy import text

from app.models.common.base import db
from app.queries.maintenance import slow_statements


def test_it_says_why_there_are_none(app: Any) -> None:
    with app.app_context():
        database = db.engine.dialect.name
        problem = slow_statements.slowest().problem
        assert problem in {"sqlite": ("sqlite",)}.get(
            database, ("not_installed", "not_readable", "")
        )


def test_a_server_that_does_not_count_them_is_no_error(app: Any) -> None:
    """The extension can be created where the server has not loaded it: then reading it fails."""
    with app.app_context():
        available = text("SELECT 1 FROM pg_available_extensions WHERE name = 'pg_stat_statements'")
        if db.engine.dialect.name != "postgresql" or db.session.execute(available).first() is None:
            pytest.skip("Only on PostgreSQL with its additional modules.")
        db.session.execute(text("CREATE EXTENSION IF NOT EXISTS pg_stat_statements"))
        assert slow_statements.slowest().problem in ("not_readable", "")
        assert db.session.execute(text("SELECT 1")).scalar() == 1
        db.session.rollback()
