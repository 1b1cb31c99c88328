"""Map documents between Svix and the native API."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from app.compat.common.views import Document
from app.compat.svix.common import ids
from app.domain.common.clock import iso, iso_or_none
from app.domain.deliveries.causes import OK
from app.domain.deliveries.states import (
    CANCELLED,
    FAILED,
    PENDING,
    RETRYING,
    SENDING,
    SKIPPED,
    SUCCEEDED,
)
from app.domain.webhooks.signing import PREFIXES

PRESET = "svix"
# Producers' ids that are hashed idempotency keys are not shown as ids of events.
KEY_PREFIX = "idempotency:"
STATUSES = ("success", "pending", "fail", "sending", "canceled")
SUCCESS, PENDING_, FAIL, SENDING_, CANCELED = range(5)
STATES: dict[int, tuple[str, ...]] = {
    SUCCESS: (SUCCEEDED,),
    PENDING_: (PENDING, RETRYING),
    FAIL: (FAILED,),
    SENDING_: (SENDING,),
    CANCELED: (CANCELLED, SKIPPED),
}
_STATUS = {state: status for status, states in STATES.items() for state in states}
# Header names whose values are credentials.
_SENSITIVE = re.compile(r"auth|token|secret|passw|credential|api-?key", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class EndpointView:
    """created_at, updated_at: milliseconds since the epoch."""

    id: str
    uid: str | None
    url: str
    description: str
    is_active: bool
    event_types: list[str] | None
    sources: list[str] | None
    rate: float | None
    metadata: Mapping[str, Any]
    created_at: int
    updated_at: int


@dataclass(frozen=True, slots=True)
class MessageView:
    """payload: the original bytes; None once it has expired."""

    id: str
    type: str
    source: str | None
    producer_id: str | None
    payload: bytes | None
    created_at: int


@dataclass(frozen=True, slots=True)
class AttemptView:
    """url: with secrets masked. response: text; "" unless it was asked for."""

    delivery_id: str
    number: int
    webhook_id: str
    event_id: str
    url: str
    cause: str
    status: int | None
    duration_us: int
    started_at: int
    response: str


def endpoint(view: EndpointView) -> Document:
    """With the fields of clients 1.x and 2.x."""
    rate = None if view.rate is None else max(1, round(view.rate))
    return {
        "id": ids.shown(ids.ENDPOINT, view.id),
        "uid": view.uid,
        "url": view.url,
        "description": view.description,
        "version": 1,
        "disabled": not view.is_active,
        "eventTypes": view.event_types,
        "filterTypes": view.event_types,
        "channels": view.sources,
        "throttleRate": rate,
        "rateLimit": rate,
        "metadata": {name: _text(value) for name, value in view.metadata.items()},
        "createdAt": iso(view.created_at),
        "updatedAt": iso(view.updated_at),
    }


def _text(value: object) -> str:
    """Svix's metadata has only strings."""
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def secret(text: str) -> str:
    """Svix accepts a secret without its prefix."""
    is_prefixed = any(text.startswith(prefix) for prefix in PREFIXES.values())
    return text if is_prefixed else PREFIXES["v1"] + text


def headers(values: Mapping[str, str]) -> Document:
    """The native settings for an endpoint's headers."""
    secrets = {name: text for name, text in values.items() if text and _SENSITIVE.search(name)}
    public = {name: text for name, text in values.items() if name not in secrets}
    return {"headers": public, "secret_headers": secrets}


def message(view: MessageView, *, with_content: bool) -> Document:
    payload = msgspec.Raw(view.payload) if with_content and view.payload is not None else {}
    return {
        "id": ids.shown(ids.MESSAGE, view.id),
        "eventId": event_id(view.producer_id),
        "eventType": view.type,
        "payload": payload,
        "channels": None if view.source is None else [view.source],
        "tags": None,
        "timestamp": iso(view.created_at),
    }


def event_id(producer_id: str | None) -> str | None:
    is_key = producer_id is not None and producer_id.startswith(KEY_PREFIX)
    return None if is_key else producer_id


def attempt(view: AttemptView) -> Document:
    status = SUCCESS if view.cause == OK else FAIL
    return {
        "id": ids.shown(ids.ATTEMPT, f"{view.delivery_id}.{view.number}"),
        "msgId": ids.shown(ids.MESSAGE, view.event_id),
        "endpointId": ids.shown(ids.ENDPOINT, view.webhook_id),
        "url": view.url,
        "response": view.response,
        "responseStatusCode": view.status or 0,
        "responseDurationMs": view.duration_us // 1000,
        "status": status,
        "statusText": STATUSES[status],
        # The audit log says who resent a delivery; its attempts do not.
        "triggerType": 0,
        "timestamp": iso(view.started_at),
    }


def sending(state: str, next_attempt_at: int | None, *, expanded: bool) -> Document:
    """How far a message has come on its way to an endpoint. expanded: the client knows the status
    of what was canceled; to others it is a success."""
    status = _STATUS[state]
    if status == CANCELED and not expanded:
        status = SUCCESS
    next_attempt = iso_or_none(next_attempt_at)
    return {"status": status, "statusText": STATUSES[status], "nextAttempt": next_attempt}


def stats(states: Mapping[str, int]) -> Document:
    return {
        name: sum(states.get(state, 0) for state in STATES[status])
        for status, name in enumerate(STATUSES)
    }
