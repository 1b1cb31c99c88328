"""Event types of the whole installation, which every organization's catalogue includes."""

import json
from dataclasses import dataclass
from typing import Any

from app.domain.common.clock import now_ms
from app.domain.common.errors import Conflict, Invalid, NotFound
from app.domain.event_types.names import check_name
from app.models import PlatformEventType
from app.queries.event_types import platform as platform_queries
from app.services.accounts.actor import Actor
from app.services.audit import log as audit
from app.services.event_types.schema_checks import check_schemas
from app.services.event_types.service import errors_of
from app.store.transaction import write_transaction

# The installation's key in the sandbox, besides ids of organizations.
_KEY = "platform"


@dataclass(frozen=True, slots=True)
class PlatformFields:
    """schemas: JSON Schemas by version."""

    description: str
    schemas: dict[str, Any] | None = None
    group_name: str | None = None
    archived: bool = False
    deprecated: bool = False


def put(
    name: object, fields: PlatformFields, actor: Actor, *, only_new: bool = False
) -> tuple[PlatformEventType, bool]:
    """Create or replace a type. Returns it, and whether it is new. Invalid. Conflict: `only_new`,
    and it exists; an archived one is replaced. Unavailable: too many schemas are being checked."""
    checked, now = check_name(name, "name"), now_ms()
    stored = platform_queries.get(checked)
    # Earlier releases stored them unchecked: such a type can still be archived or described.
    if stored is None or _text(stored.schemas) != _text(fields.schemas):
        _check(fields.schemas or {})
    with write_transaction() as session:
        row = session.get(PlatformEventType, checked, with_for_update=True)
        if row is not None and only_new and not row.archived:
            raise Conflict(f"The event type {checked} exists already.")
        is_new, before = row is None, None if row is None else _audited(row)
        if row is None:
            row = PlatformEventType(name=checked, created_at=now)
            session.add(row)
        row.description, row.schemas = fields.description, fields.schemas
        row.group_name, row.updated_at = fields.group_name, now
        row.archived, row.deprecated = fields.archived, fields.deprecated
        session.flush()
        action = "event_type.create" if is_new else "event_type.update"
        audit.record(session, None, actor, action, checked, before, _audited(row), name=checked)
    return row, is_new


def _check(schemas: dict[str, Any]) -> None:
    """Invalid: one of them is not a JSON Schema that refers only to itself."""
    if not schemas:
        return
    results = check_schemas(_KEY, [(schema, None) for schema in schemas.values()])
    errors = [error for result in results for error in errors_of(result)]
    if errors:
        raise Invalid(errors)


def _text(schemas: dict[str, Any] | None) -> str:
    """To compare: in Python, `1` and `true` are equal."""
    return json.dumps(schemas, sort_keys=True)


def delete(name: str, actor: Actor) -> None:
    """NotFound."""
    with write_transaction() as session:
        row = session.get(PlatformEventType, name, with_for_update=True)
        if row is None:
            raise NotFound
        before = _audited(row)
        session.delete(row)
        audit.record(session, None, actor, "event_type.delete", name, before, name=name)


def _audited(row: PlatformEventType) -> dict[str, Any]:
    return {
        "description": row.description,
        "versions": sorted(row.schemas or ()),
        "group_name": row.group_name,
        "archived": row.archived,
        "deprecated": row.deprecated,
    }
