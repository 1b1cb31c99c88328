"""Check events against their types' schemas before the publishing transaction.

Which types ask for it follows from this process's cached catalogues: an event of any other type
costs one look into a dictionary. If the transaction reads a catalogue in which the type asks for a
check that was not made, it stores nothing of the event and raises Unjudged, like for filters; the
transaction starts again after the check. A schema that changes between the check and the
transaction counts from the next event on.
"""

from collections.abc import Sequence
from dataclasses import replace

from app.domain.common.errors import FieldError, Invalid, Unavailable
from app.domain.event_types.fields import REJECT
from app.domain.events.event import UNCHECKED, Mismatch
from app.models.common.base import db
from app.queries.event_types import catalogue as event_types
from app.runtime.event_loop import about_to_wait
from app.services.event_types.payload_checks import mismatches_of
from app.services.events.drafts import Prepared
from app.services.webhooks.cache import WebhookCache

_REMEDY = "Send a payload that matches the schema of {}, or set its schema_check to warn or off."
# Bytes of JSON of the schemas that one request needs, as the web process holds them for a while.
MAX_SCHEMAS = 1 << 20
_BUSY = (Mismatch("$", f"{UNCHECKED}too many checks were waiting"),)
_TOO_MANY = (
    Mismatch(
        "$",
        f"{UNCHECKED}the schemas of this request have more than {MAX_SCHEMAS} bytes; send fewer"
        " event types at once",
    ),
)


def checked_ahead(items: Sequence[Prepared], cache: WebhookCache) -> Sequence[Prepared]:
    """Check those whose type asks for it, as far as this process knows. Unavailable."""
    if not items:
        return items
    known = cache.peek(items[0].organization_id)
    if known is None or not known.checks:
        return items
    positions = [n for n, item in enumerate(items) if item.draft.type in known.checks]
    return checked(items, positions) if positions else items


def checked(items: Sequence[Prepared], positions: Sequence[int]) -> list[Prepared]:
    """The items, those at the positions with their mismatches. All are of one organization.
    Unavailable: too many checks wait, and one of the types rejects events."""
    about_to_wait()
    organization_id = items[positions[0]].organization_id
    names = {items[n].draft.type for n in positions}
    types = {
        type_.name: type_
        for type_ in event_types.checked_types(organization_id, names, MAX_SCHEMAS)
    }
    # No transaction stays open while the sandbox runs.
    db.session.commit()
    read = [type_ for type_ in types.values() if type_.schema is not None]
    schemas = [(type_.schema or "").encode() for type_ in read]
    index = {type_.name: n for n, type_ in enumerate(read)}
    payloads = [
        (index[items[n].draft.type], items[n].draft.payload)
        for n in positions
        if items[n].draft.type in index
    ]
    rejects = any(type_.check == REJECT for type_ in read)
    try:
        each_result = iter(mismatches_of(organization_id, schemas, payloads) if payloads else ())
    except Unavailable:
        if rejects:
            raise
        # A type that only warns never keeps an event away.
        each_result = iter([_BUSY] * len(payloads))
    results = list(items)
    for n in positions:
        name = items[n].draft.type
        mismatches: tuple[Mismatch, ...] = ()
        if name in index:
            mismatches = next(each_result)
        elif name in types:
            mismatches = _TOO_MANY
        results[n] = replace(items[n], mismatches=mismatches)
    return results


def rejection(item: Prepared) -> Invalid:
    """One error for each mismatch, on the field of the payload."""
    remedy = _REMEDY.format(item.draft.type)
    return Invalid(
        [
            FieldError(
                f"payload{each.path.removeprefix('$')}", "schema", _sentence(each.problem), remedy
            )
            for each in item.mismatches or ()
        ]
    )


def _sentence(problem: str) -> str:
    reason = problem.removeprefix(UNCHECKED)
    verb = "does not match" if reason == problem else "cannot be checked against"
    return f"It {verb} the schema of the event type: {reason}."
