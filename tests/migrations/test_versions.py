"""Migrations and models agree."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, text

from app import models
from app.cli.migrate import MIGRATIONS, CannotMigrate, alembic_config, migrate
from app.runtime.configuration.settings import Settings, load_settings
from app.store.connections import configure
from tests.support import databases
from tests.support.waiting import eventually

TABLES = models.Organization.metadata

SQLITE_CATALOG = "SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE '%alembic%'"
POSTGRESQL_CATALOG = (
    (
        "SELECT 'column', table_name || '.' || column_name, concat_ws(' ', ordinal_position,"
        " data_type, character_maximum_length, is_nullable, column_default, is_identity)"
        " FROM information_schema.columns WHERE table_schema = 'public'"
    ),
    "SELECT 'index', indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
    (
        "SELECT 'constraint', conname, pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE connamespace = 'public'::regnamespace"
    ),
)


@pytest.fixture
def empty_database(postgres_session_url: str) -> Iterator[str]:
    name = "callboard_empty"
    with psycopg.connect(postgres_session_url, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name}")
        connection.execute(f"CREATE DATABASE {name} TEMPLATE template0")
        yield databases.database_url(psycopg.conninfo.conninfo_to_dict(postgres_session_url), name)
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def settings(url: str, directory: Path) -> Settings:
    secret = databases.SECRET_KEY
    return load_settings({"DATABASE_URL": url, "DATA_DIR": str(directory), "SECRET_KEY": secret})


def catalog(connection: Connection) -> set[tuple[str, ...]]:
    """Tables, columns, indexes and constraints, from the database's own catalog."""
    is_sqlite = connection.dialect.name == "sqlite"
    statements = [SQLITE_CATALOG] if is_sqlite else POSTGRESQL_CATALOG
    rows = {
        # SQLite appends an added column with spaces of its own, and quotes a renamed table.
        tuple(
            " ".join(re.sub(r"\s*([,()])\s*", r"\1 ", str(value).replace('"', "")).split())
            for value in row
        )
        for statement in statements
        for row in connection.execute(text(statement))
    }
    return {row for row in rows if "alembic_version" not in " ".join(row)}


def catalog_of(url: str, directory: Path) -> set[tuple[str, ...]]:
    engine = create_engine(settings(url, directory).database_url)
    configure(engine, durable=True)
    with engine.connect() as connection:
        entries = catalog(connection)
    engine.dispose()
    return entries


def create_from_models(url: str, directory: Path) -> None:
    engine = create_engine(settings(url, directory).database_url)
    configure(engine, durable=True)
    TABLES.create_all(engine)
    engine.dispose()


def test_models_and_migrations_agree_on_sqlite(tmp_path: Path) -> None:
    migrated, modelled = (f"sqlite:///{tmp_path / name}" for name in ("a.db", "b.db"))
    migrate(settings(migrated, tmp_path))
    create_from_models(modelled, tmp_path)
    assert catalog_of(migrated, tmp_path) == catalog_of(modelled, tmp_path)


def test_models_and_migrations_agree_on_postgresql(postgres_url: str, tmp_path: Path) -> None:
    migrated = catalog_of(postgres_url, tmp_path)
    with psycopg.connect(postgres_url) as connection:
        server = connection.info.dsn
    with databases.postgres_database(server, f"models_{tmp_path.name[-20:]}") as url:
        create_from_models(url, tmp_path)
        assert catalog_of(url, tmp_path) == migrated


def test_there_is_one_head() -> None:
    assert len(ScriptDirectory.from_config(alembic_config()).get_heads()) == 1


def test_migrating_again_changes_nothing(database_url: str, tmp_path: Path) -> None:
    before = catalog_of(database_url, tmp_path)
    migrate(settings(database_url, tmp_path))
    assert catalog_of(database_url, tmp_path) == before


def test_a_failed_migration_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "versions").mkdir()
    (tmp_path / "env.py").write_text((MIGRATIONS / "env.py").read_text())
    (tmp_path / "versions" / "0001.py").write_text(
        "import sqlalchemy as sa\nfrom alembic import op\nrevision, down_revision = '1', None\n"
        "def upgrade():\n    op.create_table('half', sa.Column('id', sa.Integer))\n    1 / 0\n"
    )
    monkeypatch.setattr("app.cli.migrate.MIGRATIONS", tmp_path)
    url = f"sqlite:///{tmp_path / 'a.db'}"
    with pytest.raises(ZeroDivisionError):
        migrate(settings(url, tmp_path))
    assert catalog_of(url, tmp_path) == set()


def test_a_migration_gives_way_to_a_transaction_of_the_running_release(
    empty_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each would wait for the other: the transaction for the first table, which is changed, and the
    migration for the second one."""
    (tmp_path / "versions").mkdir()
    (tmp_path / "env.py").write_text((MIGRATIONS / "env.py").read_text())
    (tmp_path / "versions" / "0001.py").write_text(
        "from alembic import op\nrevision, down_revision = '1', None\n"
        "def upgrade():\n"
        "    op.execute('ALTER TABLE first ADD COLUMN new integer')\n"
        "    op.execute('ALTER TABLE second ADD COLUMN new integer')\n"
    )
    monkeypatch.setattr("app.cli.migrate.MIGRATIONS", tmp_path)
    plain = empty_database.replace("postgresql+psycopg", "postgresql")
    with psycopg.connect(plain) as running, ThreadPoolExecutor() as pool:
        running.execute("CREATE TABLE first (id integer)")
        running.execute("CREATE TABLE second (id integer)")
        running.commit()
        running.execute("SELECT * FROM second")
        migrating = pool.submit(migrate, settings(empty_database, tmp_path))
        eventually(lambda: _waits_for_a_lock(plain))
        assert running.execute("SELECT * FROM first").fetchall() == []
        running.commit()
        migrating.result(30)
        assert running.execute("SELECT first.new FROM first, second").fetchall() == []


def _waits_for_a_lock(url: str) -> bool:
    with psycopg.connect(url) as connection:
        waiting = "SELECT count(*) FROM pg_locks WHERE relation IS NOT NULL AND NOT granted"
        return connection.execute(waiting).fetchone() == (1,)


def test_a_postgresql_database_with_another_encoding_is_refused_in_one_sentence(
    postgres_session_url: str, tmp_path: Path
) -> None:
    name = "callboard_ascii"
    with psycopg.connect(postgres_session_url, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name}")
        connection.execute(
            f"CREATE DATABASE {name} ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C'"
            " TEMPLATE template0"
        )
        info = psycopg.conninfo.conninfo_to_dict(postgres_session_url)
        try:
            url = databases.database_url(info, name)
            with pytest.raises(CannotMigrate, match="callboard_ascii is SQL_ASCII"):
                migrate(settings(url, tmp_path))
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
