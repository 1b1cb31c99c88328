"""PostgreSQL refuses numbers that would stop a webhook or everybody."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from alembic import command
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from app.cli.migrate import alembic_config
from app.models.common.base import db
from app.services.events import publishing as events
from app.store.transaction import write_transaction
from tests.services.publishing import draft, webhook
from tests.support import databases

BAD = [
    ("webhooks", "max_in_flight", "0"),
    ("webhooks", "timeout_seconds", "'NaN'"),
    ("webhooks", "timeout_seconds", "0"),
    ("webhooks", "rate_limit_per_second", "'Infinity'"),
    ("webhooks", "rate_limit_per_second", "-1"),
    ("webhook_states", "in_flight", "-1"),
    ("webhook_states", "window", "'NaN'"),
    ("webhook_states", "tat", "-1"),
    ("due", "attempt", "0"),
    ("due", "run_start", "0"),
    ("due", "next_at", "-1"),
    ("due", "bytes", "-1"),
    ("due", "delay_ms", "-1"),
]


@pytest.fixture
def postgres_url(postgres_session_url: str, tmp_path: Path) -> Iterator[str]:
    """A database of its own: what a downgrade drops comes back in another order of columns."""
    with psycopg.connect(postgres_session_url) as connection:
        server = connection.info.dsn
    with databases.postgres_database(server, f"checks_{tmp_path.name[-20:]}") as url:
        databases.prepare(url, tmp_path)
        yield url


def _execute(statement: str) -> None:
    with write_transaction() as session:
        session.execute(text(statement))


def test_impossible_numbers_are_refused(postgres_app: Flask, organization: Any) -> None:
    webhook(organization.id)
    events.publish(organization.id, draft())
    for table, column, value in BAD:
        with pytest.raises(IntegrityError, match=f"ck_{table}_{column}"):
            _execute(f'UPDATE {table} SET "{column}" = {value}')


def test_the_migration_repairs_rows_that_break_a_constraint(
    postgres_app: Flask, organization: Any
) -> None:
    bad, good = webhook(organization.id), webhook(organization.id)
    events.publish(organization.id, draft())
    _migrate("0024")
    for table, column, value in BAD:
        key = "id" if table == "webhooks" else "webhook_id"
        _execute(f"UPDATE {table} SET \"{column}\" = {value} WHERE {key} = '{bad}'")
    _migrate("head")
    with db.engine.connect() as connection:
        rows = connection.execute(
            text(
                "SELECT w.id::text, is_active, max_in_flight, attempt, in_flight FROM webhooks w"
                " JOIN due d ON d.webhook_id = w.id JOIN webhook_states s ON s.webhook_id = w.id"
            )
        ).all()
    assert sorted(map(tuple, rows)) == sorted([(bad, False, 1, 1, 0), (good, True, 32, 1, 0)])
    # Rows that were repaired can be changed.
    _execute("UPDATE webhooks SET name = 'x'")
    _execute("UPDATE due SET attempt = attempt + 1")


def _migrate(version: str) -> None:
    db.session.rollback()
    config = alembic_config()
    with db.engine.begin() as connection:
        config.attributes["connection"] = connection
        if version == "head":
            command.upgrade(config, version)
        else:
            command.downgrade(config, version)
