"""Create or migrate the database tables."""

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, create_engine, text

from app.runtime import migrations
from app.runtime.files import create_private_directory
from app.runtime.settings import Settings
from app.runtime.write_lock import WriteLock, write_lock_for
from app.store.connections import configure

MIGRATIONS = migrations.DIRECTORY
# An arbitrary advisory lock id: processes that start at the same time migrate one by one.
POSTGRESQL_LOCK = 0x63_61_6C_6C


def migrate(settings: Settings) -> None:
    """Create the data directory, and create or migrate the tables in one transaction."""
    create_private_directory(settings.data_dir)
    engine = create_engine(settings.database_url)
    configure(engine, durable=True)
    try:
        upgrade(engine, write_lock_for(settings))
    finally:
        engine.dispose()


def upgrade(engine: Engine, lock: WriteLock) -> None:
    """Like `migrate`, on an engine that `store.connections.configure` has prepared."""
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
