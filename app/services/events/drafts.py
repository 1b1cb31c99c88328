"""Check and prepare an event before its transaction; needs no database."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.domain.addresses.guard import AddressGuard
from app.domain.addresses.urls import check_url, refused
from app.domain.bodies.form_callback import missing_field
from app.domain.common.errors import invalid
from app.domain.common.json_text import fields_of
from app.domain.common.trace_context import TraceContext
from app.domain.events.event import EventDraft, Mismatch, fingerprint
from app.domain.events.merge_fields import merge_callback
from app.domain.events.search_values import hashes, values_of
from app.domain.webhooks.filters import FilterVerdict
from app.domain.webhooks.presets import CALLBACK_PRESET, PRESETS
from app.runtime import request_scope
from app.runtime.tracing.spans import Tracing


@dataclass(frozen=True, slots=True)
class Callback:
    """url: with merge fields filled in. origin: its scheme, host and port."""

    url: str
    origin: str
    preset: str


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Verdicts of filters that ran before the transaction. event_id: the id that they saw."""

    event_id: str
    verdicts: Mapping[str, FilterVerdict]


@dataclass(frozen=True, slots=True)
class EventTrace:
    """The span of an event, and its parent: the request's, if any."""

    context: TraceContext
    parent: TraceContext | None


@dataclass(frozen=True, slots=True)
class Prepared:
    """An event that is ready to be accepted. fingerprint: None without an idempotency key.
    evaluation: None while no filter needs the sandbox. request_id: of the request that brought it;
    "" for events of our own. began: monotonic seconds. trace: None while traces are off. hashes: of
    the payload's values, to search by. mismatches: with the type's schema; None: not checked."""

    organization_id: str
    draft: EventDraft
    fingerprint: bytes | None
    callback: Callback | None
    evaluation: Evaluation | None = None
    request_id: str = ""
    began: float = 0.0
    trace: EventTrace | None = None
    hashes: Sequence[bytes] = ()
    mismatches: tuple[Mismatch, ...] | None = None


def prepare(
    organization_id: str, draft: EventDraft, guard: AddressGuard, tracing: Tracing | None
) -> Prepared:
    """Check what needs no database. Invalid lists the errors of the callback's fields."""
    values = draft.values
    return Prepared(
        organization_id,
        draft,
        None if draft.producer_id is None else fingerprint(draft),
        None if draft.callback is None else _callback(draft, draft.callback, guard),
        request_id=request_scope.request_id.get(),
        began=time.monotonic(),
        trace=None if tracing is None else _trace(tracing),
        hashes=hashes(organization_id, values_of(draft.payload) if values is None else values),
    )


def _trace(tracing: Tracing) -> EventTrace:
    parent = request_scope.trace.get()
    return EventTrace(tracing.context(parent), parent)


def _callback(draft: EventDraft, url: str, guard: AddressGuard) -> Callback:
    checked = check_url(merge_callback(url, draft.merge), "callback")
    if checked.literal is not None and not guard.allowed(
        checked.literal, checked.url, checked.port
    ):
        raise refused("callback")
    preset = draft.callback_preset or CALLBACK_PRESET
    if preset not in PRESETS:
        names = ", ".join(PRESETS)
        raise invalid("callback_preset", "choice", "Unknown preset.", f"Use one of: {names}.")
    _check_payload(draft, preset)
    return Callback(checked.url, checked.origin, preset)


def _check_payload(draft: EventDraft, preset: str) -> None:
    """Reject a payload that the preset cannot send now, rather than in a failed delivery later."""
    if PRESETS[preset].body_format != "form_callback":
        return
    missing = missing_field(fields_of(draft.payload))
    if missing is not None:
        raise invalid(
            f"payload.{missing}",
            "required",
            f"Callbacks with preset {preset} require this field.",
            "Add it to the payload, or use another `callback_preset`.",
        )
