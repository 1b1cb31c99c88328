"""Check that SECRET_KEY is the key that encrypted the database."""

import logging
from threading import Thread

from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from app.domain.common.clock import now_ms
from app.domain.common.errors import CallboardError
from app.models import Installation
from app.models.base import db
from app.models.installation import INSTALLATION_ID
from app.queries.maintenance import installation as installation_queries
from app.runtime.context import runtime
from app.store import bulk
from app.store.transaction import write_transaction

_log = logging.getLogger(__name__)

CANARY = "callboard"
# How long a process waits for the database before it starts without the check.
START_SECONDS = 5.0
_COLUMNS = ("id", "canary", "key_fingerprint", "created_at")
_SHAPE = bulk.Shape(Installation.__table__, _COLUMNS)


class WrongSecretKey(CallboardError):
    """Neither SECRET_KEY nor SECRET_KEY_PREVIOUS holds the key that encrypted the database."""

    status, code, title = 503, "wrong_secret_key", "SECRET_KEY does not match the database"


def check() -> None:
    """WrongSecretKey if the database was encrypted with a key that is not configured."""
    row = installation_queries.row()
    vault = runtime().vault
    if row is not None and not vault.can_open(row.canary):
        raise WrongSecretKey(
            "SECRET_KEY does not match the database: it was encrypted with key"
            f" {row.key_fingerprint}, this is {vault.fingerprint}."
            " Set SECRET_KEY to that key, or add it to SECRET_KEY_PREVIOUS."
        )


def check_at_start(app: Flask, seconds: float = START_SECONDS) -> None:
    """Like `check`, for processes that also start while the database is unavailable or hangs."""
    errors: list[Exception] = []

    def check_in_thread() -> None:
        with app.app_context():
            try:
                check()
            except (WrongSecretKey, SQLAlchemyError) as error:
                errors.append(error)
            finally:
                db.session.remove()

    # A database that hangs would hold up the start: drivers wait for it without a limit.
    thread = Thread(target=check_in_thread, name="secret-key-check", daemon=True)
    thread.start()
    thread.join(seconds)
    if thread.is_alive():
        _log.warning("no response from the database; SECRET_KEY is not checked")
    for error in errors:
        if isinstance(error, WrongSecretKey):
            raise error
        summary = str(error).partition("\n")[0]
        _log.warning("database unavailable (%s); SECRET_KEY is not checked", summary)


def record_or_check() -> None:
    """Record the key at the first start; later, `check` it."""
    if installation_queries.row() is None:
        samples = installation_queries.sealed_samples()
        vault = runtime().vault
        if samples and not any(map(vault.can_open, samples)):
            raise WrongSecretKey(
                "SECRET_KEY does not match the database: it was encrypted with another key;"
                f" this is {vault.fingerprint}."
                " Set SECRET_KEY to that key, or add it to SECRET_KEY_PREVIOUS."
            )
        values = (INSTALLATION_ID, vault.seal(CANARY), vault.fingerprint, now_ms())
        with write_transaction() as session:
            bulk.insert_absent(session, _SHAPE, [values], "id")
    check()
