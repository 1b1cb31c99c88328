"""Check that the database's tables are those that this release needs."""

import logging

from app.domain.common.errors import CallboardError
from app.queries.maintenance import installation as installation_queries
from app.runtime import migrations

_log = logging.getLogger(__name__)

_REMEDY = "Run `callboard-admin migrate` (or `python -m app.cli migrate`) with the same settings."


class WrongSchema(CallboardError):
    """The database was not migrated to this release."""

    status, code, title = 503, "wrong_schema", "The database was not migrated"


def check() -> None:
    """WrongSchema if tables are missing or older than this release. Newer ones are fine: a release
    runs on the tables of the next one, so that an upgrade needs no pause."""
    revision = installation_queries.schema_revision()
    if revision is None:
        raise WrongSchema(f"The database has no tables. {_REMEDY}")
    [needed] = migrations.heads()
    if revision == needed:
        return
    if revision in migrations.revisions():
        raise WrongSchema(
            f"The database's schema is {revision}, this release needs {needed}. {_REMEDY}"
        )
    _log.warning("the database's schema %s is of a newer release than this (%s)", revision, needed)
