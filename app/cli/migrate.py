"""Bring a database to the newest shape of the tables."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, create_engine, text

from app.runtime.settings import Settings
from app.runtime.write_lock import WriteLock, write_lock_for
from app.store.connections import configure

MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"
# Any number does that nothing else on the server takes: processes that start at once queue here.
POSTGRESQL_LOCK = 0x63_61_6C_6C


def migrate(settings: Settings) -> None:
    """Create the data directory and the tables, or change them; nothing when all is as it must be.
    One transaction: a migration that fails leaves what was there."""
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    engine = create_engine(settings.database_url)
    configure(engine, durable=True)
    try:
        upgrade(engine, write_lock_for(settings))
    finally:
        engine.dispose()


def upgrade(engine: Engine, lock: WriteLock) -> None:
    """As `migrate`, on an engine that `database.configure` has seen."""
    config = alembic_config()
    with lock.held(), engine.connect() as plain:
        connection = plain.execution_options(writes=True)
        with connection.begin():
            if engine.dialect.name == "postgresql":
                connection.execute(text(f"SELECT pg_advisory_xact_lock({POSTGRESQL_LOCK})"))
            config.attributes["connection"] = connection
            command.upgrade(config, "head")


def alembic_config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config
