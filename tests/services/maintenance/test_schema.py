"""The schema's version at the start of a process."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from app.models.common.base import db
from app.runtime import migrations
from app.services.maintenance import schema
from app.services.maintenance.start import check_at_start
from app.store.transaction import write_transaction


@pytest.fixture
def set_version(app: Flask) -> Iterator[Callable[[str], None]]:
    """The next test on this database finds the version as it was."""

    def change(value: str) -> None:
        with write_transaction() as session:
            session.execute(text("UPDATE alembic_version SET version_num = :v"), {"v": value})
        db.session.remove()

    yield change
    change(next(iter(migrations.heads())))


def test_a_migrated_database_is_accepted(app: Flask) -> None:
    schema.check()
    assert len(migrations.heads()) == 1


def test_an_older_schema_is_refused_with_what_to_do(
    app: Flask, set_version: Callable[[str], None]
) -> None:
    set_version("0019")
    with pytest.raises(schema.WrongSchema, match=r"schema is 0019, .* needs \d+\. Run `callboard"):
        check_at_start(app)


def test_a_newer_schema_is_accepted_and_mentioned(
    app: Flask, set_version: Callable[[str], None], caplog: Any
) -> None:
    set_version("9999")
    check_at_start(app)
    assert "schema 9999 is of a newer release" in caplog.text


def test_a_database_without_tables_is_refused(sqlite_app: Flask) -> None:
    with write_transaction() as session:
        session.execute(text("DROP TABLE alembic_version"))
    db.session.remove()
    with pytest.raises(schema.WrongSchema, match="The database has no tables"):
        check_at_start(sqlite_app)
