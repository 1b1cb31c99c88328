"""The release that runs while a migration is applied can go on with the tables as they are then.

A migration adds. What it takes away must be declared here, with the release since which no process
reads it: docs/contributing.md.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command, op
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, inspect

from app.cli.migrate import alembic_config

# What was taken away by which revision, and since which release nobody reads it.
DECLARED = {
    "0031: table background_tasks is gone": "0.1.0: it came after that release",
}

# (type, whether it may be null, whether it has a default) by table and column.
Tables = dict[str, dict[str, tuple[str, bool, bool]]]


def _tables(connection: Connection) -> Tables:
    inspector = inspect(connection)
    return {
        table: {
            column["name"]: (
                str(column["type"]),
                bool(column["nullable"]),
                column["default"] is not None or column.get("autoincrement") is True,
            )
            for column in inspector.get_columns(table)
        }
        for table in inspector.get_table_names()
        if table != "alembic_version"
    }


def _taken_away(before: Tables, after: Tables) -> Iterator[str]:
    """What a program that knows only `before` misses, or what refuses its rows."""
    for table, columns in before.items():
        if table not in after:
            yield f"table {table} is gone"
            continue
        now = after[table]
        for name, (type_, may_be_null, _) in columns.items():
            if name not in now:
                yield f"column {table}.{name} is gone"
            elif now[name][0] != type_:
                yield f"column {table}.{name} has another type"
            elif may_be_null and not now[name][1]:
                yield f"column {table}.{name} may not be null any more"
        for name, (_, may_be_null, has_default) in now.items():
            if name not in columns and not may_be_null and not has_default:
                yield f"column {table}.{name} is new, and rows without it are refused"


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = create_engine(f"sqlite:///{tmp_path / 'a.db'}")
    yield engine
    engine.dispose()


def _revisions() -> list[str]:
    scripts = ScriptDirectory.from_config(alembic_config()).walk_revisions()
    return [script.revision for script in scripts][::-1]


def test_no_migration_takes_away_what_the_running_release_uses(engine: Engine) -> None:
    taken: list[str] = []
    before: Tables = {}
    for revision in _revisions():
        with engine.begin() as connection:
            config = alembic_config()
            config.attributes["connection"] = connection
            command.upgrade(config, revision)
            after = _tables(connection)
        taken += [f"{revision}: {what}" for what in _taken_away(before, after)]
        before = after
    assert "deliveries" in before
    assert sorted(taken) == sorted(DECLARED)


@pytest.mark.parametrize(
    ("change", "taken"),
    [
        (lambda: op.drop_table("things"), ["table things is gone"]),
        (
            lambda: op.rename_table("things", "objects"),
            ["table things is gone"],
        ),
        (lambda: _altered("name", new_column_name="title"), ["column things.name is gone"]),
        (lambda: _altered("name", type_=sa.Integer()), ["column things.name has another type"]),
        (
            lambda: _altered("name", nullable=False),
            ["column things.name may not be null any more"],
        ),
        (
            lambda: _added(sa.Column("size", sa.Integer, nullable=False)),
            ["column things.size is new, and rows without it are refused"],
        ),
        (lambda: _added(sa.Column("size", sa.Integer, nullable=False, server_default="0")), []),
        (lambda: _added(sa.Column("size", sa.Integer)), []),
    ],
)
def test_a_change_is_recognized(engine: Engine, change: object, taken: list[str]) -> None:
    assert callable(change)
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE things (id INTEGER PRIMARY KEY, name TEXT)"))
        before = _tables(connection)
        with Operations.context(MigrationContext.configure(connection)):
            change()
        assert list(_taken_away(before, _tables(connection))) == taken


def _altered(column: str, **change: object) -> None:
    with op.batch_alter_table("things") as things:
        things.alter_column(column, **change)  # type: ignore[arg-type]


def _added(column: "sa.Column[int]") -> None:
    # Of a copy: SQLite adds no column without a default to rows that may exist.
    with op.batch_alter_table("things", recreate="always") as things:
        things.add_column(column)
