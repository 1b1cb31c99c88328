"""Kept connections to PostgreSQL."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Connection, event, select, text

from app.engine.due_queue.connection import kept_connection as worker_connection
from app.models import Organization
from app.models.common.base import db
from app.runtime.context import runtime
from app.store import direct
from app.store.direct import driver_of
from app.store.kept import KeptConnection
from app.store.transaction import kept_connection, kept_transaction

SETTINGS = {
    "plan_cache_mode": "force_generic_plan",
    "enable_seqscan": "off",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
    "jit": "off",
}


@pytest.fixture(params=["web process", "worker"])
def kept(postgres_app: Flask, request: pytest.FixtureRequest) -> Iterator[KeptConnection]:
    del postgres_app
    own = runtime()
    opened = (
        kept_connection()
        if request.param == "web process"
        else worker_connection(own.settings, own.write_lock)
    )
    yield opened
    opened.close()


def test_statements_are_planned_once_and_with_indexes(kept: KeptConnection) -> None:
    with kept.reading() as connection:
        values = {name: connection.scalar(text(f"SHOW {name}")) for name in SETTINGS}
    assert values == SETTINGS
    kept.close()
    assert db.session.scalar(text("SHOW enable_seqscan")) == "on"


def test_a_connection_that_could_not_be_prepared_is_not_kept(postgres_app: Flask) -> None:
    del postgres_app
    kept = kept_connection()

    ended = []

    def end(connection: Any, _record: object, _proxy: object) -> None:
        if ended:
            return
        pid = connection.info.backend_pid
        ended.append(pid)
        db.session.execute(text("SELECT pg_terminate_backend(:pid, 45000)"), {"pid": pid})
        db.session.rollback()

    event.listen(db.engine, "checkout", end)
    with pytest.raises(Exception, match=r"terminat|closed"), kept.reading():
        pass
    with kept_transaction(kept) as connection:
        assert driver_of(connection).execute("SELECT 1").fetchone() == (1,)
    kept.close()


def test_what_was_not_read_does_not_reach_the_next_transaction(
    kept: KeptConnection, organization: Any
) -> None:
    def change(connection: Connection) -> None:
        direct.execute(connection, "UPDATE organizations SET max_deliveries_per_event = 7")
        raise ZeroDivisionError

    del organization
    with kept.reading() as connection:
        direct.execute(connection, "UPDATE organizations SET name = 'changed'")
    with pytest.raises(ZeroDivisionError), kept_transaction(kept) as connection:
        change(connection)
    columns = select(Organization.name, Organization.max_deliveries_per_event)
    [(name, number)] = db.session.execute(columns).all()
    assert name != "changed"
    assert number is None
