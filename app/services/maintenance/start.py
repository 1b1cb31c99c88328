"""What each process checks before it begins to serve or to work."""

import logging
from threading import Thread

from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from app.models.common.base import db
from app.services.maintenance import schema, secret_key
from app.services.maintenance.schema import WrongSchema
from app.services.maintenance.secret_key import WrongSecretKey

_log = logging.getLogger(__name__)

# How long a process waits for the database before it starts without the checks.
START_SECONDS = 5.0
REFUSALS = (WrongSchema, WrongSecretKey)


def check_at_start(app: Flask, seconds: float = START_SECONDS) -> None:
    """WrongSchema, WrongSecretKey. A process also starts while the database is unavailable or
    hangs: until the next start only /readyz checks it."""
    errors: list[Exception] = []

    def check_in_thread() -> None:
        with app.app_context():
            try:
                schema.check()
                secret_key.check()
            except (*REFUSALS, SQLAlchemyError) as error:
                errors.append(error)
            finally:
                db.session.remove()

    # A database that hangs would hold up the start: drivers wait for it without a limit.
    thread = Thread(target=check_in_thread, name="start-check", daemon=True)
    thread.start()
    thread.join(seconds)
    if thread.is_alive():
        _log.warning("no response from the database; its schema and SECRET_KEY are not checked")
    for error in errors:
        if isinstance(error, REFUSALS):
            raise error
        summary = str(error).partition("\n")[0]
        _log.warning(
            "database unavailable (%s); its schema and SECRET_KEY are not checked", summary
        )
