"""The catalogue of event types: descriptions, samples and schemas."""

from typing import Any

import msgspec

from app.domain.common.clock import now_ms
from app.domain.common.errors import Conflict, FieldError, Invalid, NotFound, invalid
from app.domain.common.strict_json import read
from app.domain.event_types.fields import MAX_CHECKED, OFF, EventTypeFields
from app.domain.event_types.names import PRODUCT_TYPES, check_name
from app.models import EventType, Organization
from app.queries.event_types import catalogue as event_types
from app.queries.event_types import platform as platform_event_types
from app.services.accounts.actor import Actor
from app.services.accounts.locking import lock_organization
from app.services.audit import log as audit
from app.services.event_types.schema_checks import Checked, check_schemas
from app.store.sessions import WriteSession
from app.store.transaction import write_transaction

# Characters of a schema or sample in the audit log.
_MAX_AUDITED = 2_000
_REMEDY = "JSON Schema, draft 2020-12 unless `$schema` says otherwise, which refers only to itself."


def put(
    organization_id: str, name: object, fields: EventTypeFields, actor: Actor
) -> tuple[EventType, bool]:
    """Replace the description of a type. Returns it, and whether it is new in the catalogue.
    Invalid: an invalid schema, or a sample that does not match it. NotFound: no such organization.
    """
    checked = check_name(name)
    check(organization_id, [(checked, fields)])
    with write_transaction() as session:
        if session.get(Organization, organization_id) is None:
            raise NotFound
        is_new = put_in(session, organization_id, checked, fields, actor)
        row = session.get_one(EventType, (organization_id, checked))
    return row, is_new


def put_in(
    session: WriteSession, organization_id: str, name: str, fields: EventTypeFields, actor: Actor
) -> bool:
    """Like `put`, in the caller's transaction and with checked fields. Whether it is new."""
    row, is_new = store(session, organization_id, name, fields)
    action = "event_type.create" if is_new else "event_type.update"
    before = None if is_new else row.before
    audit.record(session, organization_id, actor, action, name, before, _audited(row.row))
    return is_new


def delete(organization_id: str, name: str, actor: Actor) -> None:
    """The next event of this type adds it again. NotFound. Conflict: one of the installation."""
    with write_transaction() as session:
        organization = lock_organization(session, organization_id)
        row = session.get(EventType, (organization_id, name))
        if row is None and platform_event_types.get(name) is not None:
            raise Conflict("This event type is defined for all organizations.")
        if row is None:
            raise NotFound
        before = _audited(row)
        session.delete(row)
        # Makes publishers' cached catalogues stale.
        organization.webhooks_version += 1
        audit.record(session, organization_id, actor, "event_type.delete", name, before)


def faults_of(organization_id: str, name: str, payload: bytes) -> list[str]:
    """Mismatches with the type's schema; empty without a schema. For pages, which check whatever
    the type asks for; posted events: services.events.conformity."""
    row = event_types.get(organization_id, name)
    if row is None or row.schema is None:
        return []
    [result] = check_schemas(organization_id, [(row.schema, read(payload))])
    return [str(fault) for fault in result.value]


def check(organization_id: str, described: list[tuple[str, EventTypeFields]]) -> None:
    """Invalid: an invalid schema, a sample that does not match its schema, or events that are never
    checked."""
    if any(name in PRODUCT_TYPES and fields.schema_check != OFF for name, fields in described):
        problem = "Events of this type come from Callboard and are not checked."
        raise invalid("schema_check", "system", problem, "Use off.")
    pairs = [(name, fields) for name, fields in described if fields.schema is not None]
    if not pairs:
        return
    results = check_schemas(organization_id, [(f.schema or {}, _value(f.sample)) for _, f in pairs])
    errors = [error for checked in results for error in errors_of(checked)]
    if errors:
        raise Invalid(errors)


def errors_of(checked: Checked) -> list[FieldError]:
    if checked.schema:
        return [FieldError("schema", "schema", _sentence(f), _REMEDY) for f in checked.schema]
    remedy = "Change the sample or the schema so that they match."
    return [FieldError("sample", "schema", _sentence(f), remedy) for f in checked.value]


class Stored:
    """before: the previous fields, for the audit log."""

    def __init__(self, row: EventType, before: dict[str, Any] | None) -> None:
        self.row, self.before = row, before


def store(
    session: WriteSession, organization_id: str, name: str, fields: EventTypeFields
) -> tuple[Stored, bool]:
    """In the caller's transaction and with checked fields. Conflict: too many types are checked on
    post."""
    key, check = (organization_id, name), fields.schema_check
    known = session.get(EventType, key)
    if check != OFF or (known is not None and known.schema_check is not None):
        # First: publishers lock in this order.
        organization = lock_organization(session, organization_id)
        # Makes publishers' cached catalogues stale.
        organization.webhooks_version += 1
    row = session.get(EventType, key, with_for_update=True)
    before = None if row is None else _audited(row)
    if row is None:
        row = EventType(organization_id=organization_id, name=name, created_at=now_ms())
        session.add(row)
    row.description, row.sample, row.schema = fields.description, fields.sample, fields.schema
    row.schema_check = None if check == OFF else check
    session.flush()
    if check != OFF and len(event_types.checks(organization_id, MAX_CHECKED + 1)) > MAX_CHECKED:
        raise Conflict(f"At most {MAX_CHECKED:,} event types can have their events checked.")
    return Stored(row, before), before is None


def _value(sample: bytes | None) -> Any:
    return None if sample is None else read(sample)


def _sentence(fault: object) -> str:
    return f"{fault}."


def _audited(row: EventType) -> dict[str, Any]:
    sample = None if row.sample is None else bytes(row.sample).decode()
    schema = None if row.schema is None else msgspec.json.encode(row.schema).decode()
    return {
        "description": row.description,
        "sample": _cut(sample),
        "schema": _cut(schema),
        "schema_check": row.schema_check or OFF,
    }


def _cut(text: str | None) -> str | None:
    return text if text is None or len(text) <= _MAX_AUDITED else f"{text[:_MAX_AUDITED]}…"
