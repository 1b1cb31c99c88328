"""The Flask extensions; `create_core` binds them to the application."""

from typing import TYPE_CHECKING, Any, ClassVar

from flask import g
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session
from sqlalchemy import Connection, Engine, MetaData, Table
from sqlalchemy.orm import DeclarativeBase

# Predictable constraint names, so that migrations can drop them.
NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMES)


class FreshSession(Session):
    """A read returns the row as the database has it now, even if the session loaded it before.

    Bulk updates and deletes do not look for objects in the session that they concern.
    """

    def get(self, entity: Any, ident: Any, **options: Any) -> Any:
        return super().get(entity, ident, **options | {"populate_existing": True})

    def get_bind(self, *arguments: Any, **options: Any) -> Engine | Connection:
        connection: Connection | None = g.get(_CONNECTION)
        if connection is None:
            return super().get_bind(*arguments, **options)
        if not connection.in_transaction():
            # The driver is in one already; the session is to join it and not to end it.
            connection.begin()
        return connection


_CONNECTION = "database_connection"


def use_connection(connection: Connection | None) -> None:
    """Have the next session of this app context use this connection, and join the transaction that
    it is in. None: use connections of its own."""
    setattr(g, _CONNECTION, connection)


db = SQLAlchemy(
    model_class=Base,
    session_options={
        "class_": FreshSession,
        "expire_on_commit": False,
        "execution_options": {"populate_existing": True, "synchronize_session": False},
    },
)


if TYPE_CHECKING:

    class Model(Base):
        __abstract__ = True
        __table__: ClassVar[Table]

else:
    Model = db.Model
