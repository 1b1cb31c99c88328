"""Check that SECRET_KEY is the key that encrypted the database."""

from app.domain.common.clock import now_ms
from app.domain.common.errors import CallboardError
from app.models import Installation
from app.models.maintenance.installation import INSTALLATION_ID
from app.queries.maintenance import installation as installation_queries
from app.runtime.context import runtime
from app.store import bulk
from app.store.transaction import write_transaction

CANARY = "callboard"
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
