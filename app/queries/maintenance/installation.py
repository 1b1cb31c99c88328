"""The installation's key, and what it encrypted."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, Table, column, inspect, select, table

from app.models import Installation, Organization, Webhook
from app.models.common.base import db
from app.models.maintenance.installation import INSTALLATION_ID

# Alembic's own.
_VERSION = table("alembic_version")
# Enough to tell one damaged secret from another key.
_SAMPLES = 20


def schema_revision() -> str | None:
    """The last migration that ran; None: none has."""
    connection = db.session.connection()
    if not inspect(connection).has_table("alembic_version"):
        return None
    revision: str | None = connection.scalar(select(column("version_num")).select_from(_VERSION))
    return revision


def row() -> Installation | None:
    """None: no start has recorded the key yet."""
    return db.session.get(Installation, INSTALLATION_ID)


def sealed_samples() -> list[bytes]:
    """Some encrypted secrets, newest first."""
    webhooks = select(Webhook.signing_secret).order_by(Webhook.id.desc()).limit(_SAMPLES)
    organizations = (
        select(Organization.callback_secret)
        .where(Organization.callback_secret.is_not(None))
        .order_by(Organization.id.desc())
        .limit(_SAMPLES)
    )
    secrets = [*db.session.scalars(webhooks), *db.session.scalars(organizations)]
    return [bytes(secret) for secret in secrets if secret is not None]


def sealed_rows(of: Table, columns: Sequence[str], after: object, limit: int) -> Sequence[Row[Any]]:
    """The primary key and `columns` of the next rows. after: a primary key, or None to begin."""
    (key,) = of.primary_key.columns
    statement = select(key, *(of.c[name] for name in columns)).order_by(key).limit(limit)
    if after is not None:
        statement = statement.where(key > after)
    return db.session.execute(statement).all()
