"""Count expressions that exceed their budget, and disable their webhook."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection, Table, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from app.models import ExpressionOverrun, Notice, Organization, Webhook
from app.store.audit import record_own

FILTER, BODY = "filter", "body"
# In a row, across all processes.
MAX_OVERRUNS = 20

_OVERRUNS: Table = ExpressionOverrun.__table__
_WEBHOOKS: Table = Webhook.__table__
_ORGANIZATIONS: Table = Organization.__table__
_NOTICES: Table = Notice.__table__


def reason_of(kind: str) -> str:
    name = "filter" if kind == FILTER else "body expression"
    return f"Its {name} exceeded its budget {MAX_OVERRUNS} times in a row."


def count(connection: Connection, webhook_id: str, kind: str, times: int) -> int:
    """Add overruns. Returns how many there are in a row."""
    make: Any = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    statement = make(_OVERRUNS).values(webhook_id=webhook_id, kind=kind, number=times)
    statement = statement.on_conflict_do_update(
        index_elements=["webhook_id", "kind"],
        set_={"number": _OVERRUNS.c.number + statement.excluded.number},
    )
    number: int = connection.execute(statement.returning(_OVERRUNS.c.number)).scalar_one()
    return number


def counted(connection: Connection, webhook_ids: Collection[str], kind: str) -> set[str]:
    """Webhooks that have overruns."""
    statement = select(_OVERRUNS.c.webhook_id).where(
        _OVERRUNS.c.webhook_id.in_(webhook_ids), _OVERRUNS.c.kind == kind
    )
    return set(connection.execute(statement).scalars())


def forget(connection: Connection, webhook_ids: Collection[str], kind: str | None = None) -> None:
    """kind: None for both."""
    statement = delete(_OVERRUNS).where(_OVERRUNS.c.webhook_id.in_(webhook_ids))
    if kind is not None:
        statement = statement.where(_OVERRUNS.c.kind == kind)
    connection.execute(statement)


def disable(connection: Connection, webhook_id: str, reason: str, now: int) -> str | None:
    """Returns the organization id; None if the webhook was already inactive."""
    row = connection.execute(
        update(_WEBHOOKS)
        .where(_WEBHOOKS.c.id == webhook_id, _WEBHOOKS.c.is_active)
        .values(
            is_active=False,
            disabled_reason=reason,
            disabled_at=now,
            updated_at=now,
            version=_WEBHOOKS.c.version + 1,
        )
        .returning(_WEBHOOKS.c.organization_id, _WEBHOOKS.c.name, _WEBHOOKS.c.url)
    ).one_or_none()
    if row is None:
        return None
    organization_id: str = row.organization_id
    # Makes publishers' cached copies stale.
    connection.execute(
        update(_ORGANIZATIONS)
        .where(_ORGANIZATIONS.c.id == organization_id)
        .values(webhooks_version=_ORGANIZATIONS.c.webhooks_version + 1)
    )
    record_own(
        connection,
        organization_id,
        "webhook.disable",
        webhook_id,
        name=row.name or row.url,
        after={"reason": reason},
        now=now,
    )
    return organization_id


def disable_for(connection: Connection, webhook_id: str, kind: str, now: int) -> None:
    """Like after 410 Gone: disable the webhook with a reason, and notify members."""
    reason = reason_of(kind)
    organization_id = disable(connection, webhook_id, reason, now)
    forget(connection, [webhook_id], kind)
    if organization_id is not None:
        notice = {
            "organization_id": organization_id,
            "kind": "webhook.disabled",
            "webhook_id": webhook_id,
            "delivery_id": None,
            "at": now,
            "detail": {"since": now, "cause": "over_budget", "status": None, "reason": reason},
        }
        connection.execute(insert(_NOTICES), [notice])
