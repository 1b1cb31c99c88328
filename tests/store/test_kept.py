import sqlite3
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Connection, select, text

from app.models import Organization
from app.models.common.base import db
from app.runtime.context import runtime
from app.store import direct
from app.store.kept import KeptConnection
from app.store.transaction import kept_connection, kept_transaction


@pytest.fixture
def kept(app: Flask) -> Iterator[KeptConnection]:
    del app
    connection = kept_connection()
    yield connection
    connection.close()


def organizations() -> list[str]:
    ids = list(db.session.scalars(select(Organization.id)))
    db.session.rollback()
    return ids


def test_the_session_joins_the_transaction_of_a_kept_connection(
    kept: KeptConnection, organization: Any
) -> None:
    with kept_transaction(kept) as connection:
        direct.execute(connection, "UPDATE organizations SET name = 'changed'")
        [name] = db.session.scalars(select(Organization.name))
        assert name == "changed"
        assert db.session.connection() is connection
    assert organizations() == [organization.id]


def test_what_the_session_adds_is_committed_with_the_kept_connection(
    kept: KeptConnection, organization: Any
) -> None:
    with kept_transaction(kept):
        db.session.get_one(Organization, organization.id).name = "changed"
    assert list(db.session.scalars(select(Organization.name))) == ["changed"]


def test_an_error_rolls_back_what_the_driver_and_the_session_did(
    kept: KeptConnection, organization: Any
) -> None:
    def work(connection: Connection) -> None:
        direct.execute(connection, "UPDATE organizations SET name = 'changed'")
        db.session.get_one(Organization, organization.id).max_deliveries_per_event = 7
        db.session.flush()
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), kept_transaction(kept) as connection:
        work(connection)
    row = db.session.get_one(Organization, organization.id)
    assert row.name != "changed"
    assert row.max_deliveries_per_event is None


def test_a_kept_connection_stays_open_until_an_error(kept: KeptConnection) -> None:
    def driver(connection: Connection) -> Any:
        return direct.driver_of(connection)

    with kept_transaction(kept) as connection:
        first = driver(connection)
    with kept_transaction(kept) as connection:
        assert driver(connection) is first
    with pytest.raises(ZeroDivisionError), kept_transaction(kept):
        raise ZeroDivisionError
    with kept_transaction(kept) as connection:
        assert driver(connection) is not first
        assert connection.scalar(text("SELECT 1")) == 1


def test_an_error_of_the_driver_tells_that_the_database_cannot_be_written(
    sqlite_app: Flask,
) -> None:
    del sqlite_app
    kept = kept_connection()
    assert runtime().database.problem is None
    with kept_transaction(kept) as connection:
        direct.execute(connection, "PRAGMA query_only = ON")
    with pytest.raises(sqlite3.OperationalError), kept_transaction(kept) as connection:
        direct.execute(connection, "UPDATE organizations SET name = 'changed'")
    assert "readonly" in (runtime().database.problem or "")
    kept.close()
