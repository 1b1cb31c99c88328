"""What Alembic runs: the migrations, on the connection and in the transaction of app.cli.migrate.

`alembic revision --autogenerate` comes here too; it has no connection and takes the settings' one.
"""

from alembic import context
from sqlalchemy import Connection, create_engine

from app import models
from app.runtime.configuration.settings import load_settings

TABLES = models.Organization.metadata


def run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=TABLES,
        compare_type=True,
        # SQLite can change little of a table that stands; batches copy it.
        render_as_batch=connection.dialect.name == "sqlite",
    )
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    with create_engine(load_settings().database_url).begin() as own:
        run(own)
