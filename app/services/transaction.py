"""The one way to write: a transaction that is committed at its end or leaves nothing behind."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import current_app
from sqlalchemy.orm import Session, scoped_session

from app.database import WriteLock, tidy_log
from app.extensions import db


@contextmanager
def writing() -> Iterator[scoped_session[Session]]:
    """`with writing() as session:` one write transaction on the request's session.

    What was read before in the same request stays usable. Not to be nested: a service that needs
    another's work calls a function that takes the session.
    """
    lock: WriteLock = current_app.extensions["callboard.write_lock"]
    session = db.session
    session.commit()
    with lock.held():
        session.connection(execution_options={"writes": True})
        try:
            yield session
            session.commit()
        except BaseException:
            session.rollback()
            raise
        _tidy(session)


def _tidy(session: scoped_session[Session]) -> None:
    engine = db.engine
    if engine.dialect.name == "sqlite" and engine.url.database:
        raw = engine.raw_connection()
        try:
            tidy_log(raw.driver_connection, Path(engine.url.database))
        finally:
            raw.close()
