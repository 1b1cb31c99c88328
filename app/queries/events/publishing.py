"""Reads of the transaction that publishes events."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Connection,
    Row,
    Text,
    any_,
    bindparam,
    cast,
    exists,
    func,
    literal_column,
    or_,
    select,
    tuple_,
)
from sqlalchemy.dialects import postgresql, sqlite

from app.models import Delivery, IdempotencyKey, Organization, Webhook
from app.models.common.base import db
from app.models.webhooks import ONCE_WAITING
from app.store.direct import execute

# Values per statement; SQLite binds 32,766 at most.
MAX_VALUES = 500

# (organization id, idempotency key)
Key = tuple[str, str | None]


def _has_one_time_waiting() -> ColumnElement[bool]:
    """Two conditions, each of which uses both columns of the index: with a single one SQLite picks
    another index and reads every webhook."""
    waiting = exists().where(Webhook.organization_id == Organization.id, ONCE_WAITING)
    has_source = Webhook.once_source >= literal_column("''")
    return or_(waiting.where(Webhook.once_source.is_(None)), waiting.where(has_source))


_ORGANIZATIONS = select(
    cast(Organization.id, Text),
    Organization.webhooks_version,
    Organization.max_deliveries_per_event,
    _has_one_time_waiting(),
    Organization.suspended_at,
    Organization.indexes_values,
)


@cache
def _organizations(database: str) -> str:
    """The statement as text: building it takes longer than the database needs to run it."""
    if database == "postgresql":
        ids = Organization.id == any_(cast(bindparam("ids"), ARRAY(Organization.id.type)))
        dialect = postgresql.dialect(paramstyle="format")  # type: ignore[no-untyped-call]
        return str(_ORGANIZATIONS.where(ids).compile(dialect=dialect))
    each = func.json_each(bindparam("ids")).table_valued("value")
    statement = _ORGANIZATIONS.where(Organization.id.in_(select(each.c.value)))
    return str(statement.compile(dialect=sqlite.dialect()))


@dataclass(frozen=True, slots=True)
class Publisher:
    """max_deliveries: the organization's own quota of deliveries per event, if it has one.
    indexes_values: None: True."""

    id: str
    webhooks_version: int
    max_deliveries: int | None
    has_one_time_waiting: bool
    suspended_at: int | None
    # SQLite's driver has 0 and 1.
    indexes_values: int | bool | None


def organizations(connection: Connection, organization_ids: Sequence[str]) -> list[Publisher]:
    """Those that exist."""
    dialect = connection.dialect.name
    ids = list(organization_ids) if dialect == "postgresql" else json.dumps(organization_ids)
    rows = execute(connection, _organizations(dialect), (ids,)).fetchall()
    return [Publisher(*row) for row in rows]


def used_keys(keys: Sequence[Key]) -> dict[Key, tuple[str, bytes]]:
    """{key: (event id, fingerprint)}"""
    columns = (IdempotencyKey.organization_id, IdempotencyKey.key)
    statement = select(*columns, IdempotencyKey.event_id, IdempotencyKey.fingerprint)
    used: dict[Key, tuple[str, bytes]] = {}
    for start in range(0, len(keys), MAX_VALUES):
        batch = keys[start : start + MAX_VALUES]
        rows = db.session.execute(statement.where(tuple_(*columns).in_(batch)))
        used |= {(row[0], row[1]): (row[2], bytes(row[3])) for row in rows}
    return used


def deliveries(event_ids: Sequence[str]) -> list[Row[str, str, str, str | None, str]]:
    """(event id, delivery id, webhook id, one-off callback URL, state), oldest first."""
    columns = (Delivery.event_id, Delivery.id, Delivery.webhook_id, Delivery.url, Delivery.state)
    rows: list[Row[str, str, str, str | None, str]] = []
    for start in range(0, len(event_ids), MAX_VALUES):
        batch = event_ids[start : start + MAX_VALUES]
        rows += db.session.execute(
            select(*columns).where(Delivery.event_id.in_(batch)).order_by(Delivery.id)
        )
    return rows
