"""Import event types from an OpenAPI document: first a plan, then the import."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from app.domain.common.errors import Malformed, TooLarge
from app.domain.common.json_text import compact_json
from app.domain.common.strict_json import parse_object
from app.domain.event_types.fields import MAX_SAMPLE, MAX_SCHEMA, OFF, EventTypeFields
from app.domain.event_types.openapi import Described, described
from app.models import EventType
from app.queries.event_types import catalogue as event_types
from app.services.accounts.actor import Actor
from app.services.audit import log as audit
from app.services.event_types.schema_checks import Checked, check_schemas, read_yaml
from app.services.event_types.service import store
from app.store.transaction import write_transaction

MAX_DOCUMENT = 2 << 20

NEW, CHANGED, SAME, REFUSED = "new", "changed", "same", "refused"


@dataclass(frozen=True, slots=True)
class Planned:
    """becomes: new, changed, same or refused (with a problem). dropped: why the example is left
    out."""

    name: str
    becomes: str
    problem: str | None
    fields: EventTypeFields
    dropped: str | None = None


def read_document(organization_id: str, text: bytes) -> Any:
    """Parse JSON or YAML. Malformed, TooLarge."""
    if len(text) > MAX_DOCUMENT:
        raise TooLarge(f"The document has more than {MAX_DOCUMENT} bytes.")
    if text.lstrip()[:1] == b"{":
        return parse_object(text)
    try:
        return read_yaml(organization_id, text.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise Malformed("The document is not UTF-8.") from None


def plan(organization_id: str, document: Any) -> list[Planned]:
    """What the import would do with each webhook of the document. Invalid: it has none."""
    types = described(document)
    known = event_types.get_many(organization_id, [type_.name for type_ in types])
    checked = _checked(organization_id, types)
    return [_planned(type_, known.get(type_.name), checked.get(type_.name)) for type_ in types]


def carry_out(
    organization_id: str, planned: list[Planned], names: Collection[str] | None, actor: Actor
) -> list[str]:
    """Import new and changed types with these names (None: all). Returns the imported names."""
    selected = [
        type_
        for type_ in planned
        if type_.becomes in (NEW, CHANGED) and (names is None or type_.name in names)
    ]
    if not selected:
        return []
    imported = sorted(type_.name for type_ in selected)
    with write_transaction() as session:
        # Always in the same order, to avoid deadlocks.
        for type_ in sorted(selected, key=lambda type_: type_.name):
            store(session, organization_id, type_.name, type_.fields)
        audit.record(
            session, organization_id, actor, "event_type.import", after={"names": imported}
        )
    return imported


def _checked(organization_id: str, types: list[Described]) -> dict[str, Checked]:
    """In one task for all of them."""
    pairs = [type_ for type_ in types if type_.schema is not None]
    if not pairs:
        return {}
    results = check_schemas(
        organization_id, [(type_.schema or {}, type_.sample) for type_ in pairs]
    )
    return {type_.name: result for type_, result in zip(pairs, results, strict=True)}


def _planned(type_: Described, row: EventType | None, checked: Checked | None) -> Planned:
    sample = None if type_.sample is None else compact_json(type_.sample)
    schema_size = 0 if type_.schema is None else len(compact_json(type_.schema))
    problem, dropped = type_.problem, None
    if checked is not None and checked.schema:
        problem = problem or f"Its schema is invalid: {checked.schema[0]}."
    elif schema_size > MAX_SCHEMA:
        problem = (
            problem or f"Its schema has {schema_size} bytes; at most {MAX_SCHEMA} are allowed."
        )
    if sample is not None and len(sample) > MAX_SAMPLE:
        sample, dropped = None, "Its example is too long and is left out."
    elif checked is not None and checked.value:
        sample, dropped = None, f"Its example does not match its schema: {checked.value[0]}."
    # The document says nothing of checks on post: the type keeps its own.
    check = OFF if row is None or type_.schema is None else row.schema_check or OFF
    fields = EventTypeFields(type_.description, sample, type_.schema, check)
    if problem is not None:
        return Planned(type_.name, REFUSED, problem, fields)
    if row is None:
        return Planned(type_.name, NEW, None, fields, dropped)
    return Planned(type_.name, SAME if _is_same(row, fields) else CHANGED, None, fields, dropped)


def _is_same(row: EventType, fields: EventTypeFields) -> bool:
    sample = None if row.sample is None else bytes(row.sample)
    had = (row.description, sample, row.schema)
    return had == (fields.description, fields.sample, fields.schema)
