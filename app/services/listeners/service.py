"""Create and delete listeners, and delete those that no longer ask for callbacks."""

import hashlib
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from app.domain.common.clock import now_ms
from app.domain.common.errors import Conflict, FieldError, Invalid, NotFound
from app.domain.common.ids import new_id
from app.domain.listeners.urls import HEADER, listener_url
from app.domain.webhooks.settings.completion import complete
from app.models import Listener, Webhook, WebhookState
from app.queries import listeners as listener_queries
from app.runtime.context import runtime
from app.runtime.relaying.relay import RESPONSE_SECONDS
from app.services.accounts.actor import SYSTEM, Actor
from app.services.audit import log as audit
from app.services.maintenance.periodic import PeriodicTask
from app.services.webhooks import backlog
from app.services.webhooks.changes import raise_version
from app.services.webhooks.settings import apply, settings_of
from app.store import key_order as ordering
from app.store.deadlocks import retry_on_deadlock
from app.store.transaction import write_transaction

# Settings of webhooks that a listener has, too. Not its requests: those are the preset's.
FIELDS = ("name", "preset", "event_types", "sources", "filter", "secret")
MAX_LISTENERS = 50
# Requests at once to one listener: a person looks at what they do.
MAX_IN_FLIGHT = 4
# Without a request for callbacks for this long, a listener is deleted.
SILENT_SECONDS = 60
_DEFAULT_NAME = "callboard listen"
_AT_ONCE = 100


@dataclass(frozen=True, slots=True, repr=False)
class Created:
    """secret: signs its callbacks."""

    listener: Listener
    webhook: Webhook
    secret: str


def create(organization_id: str, fields: Mapping[str, Any], actor: Actor) -> Created:
    """fields: some of FIELDS, as for a webhook. Invalid, with all errors. Conflict: there are too
    many. NotFound: no such organization."""
    id_, token, now = new_id(), secrets.token_urlsafe(32), now_ms()
    settings = complete(_settings(id_, token, fields), existing=None, mode="create")
    row = Webhook(id=id_, organization_id=organization_id, kind="listener", version=1)
    row.created_at = row.updated_at = now
    listener = Listener(id=id_, organization_id=organization_id, token_hash=hash_of(token))
    listener.created_at = listener.seen_at = now
    with write_transaction() as session:
        ordering.lock_organizations(session, [organization_id], shared=False)
        raise_version(session, organization_id)
        if listener_queries.count(organization_id) >= MAX_LISTENERS:
            raise Conflict(
                f"There are already {MAX_LISTENERS} listeners. One that has ended without saying so"
                f" is deleted after {SILENT_SECONDS} seconds."
            )
        apply(settings, row)
        session.add(row)
        session.flush()
        session.add(WebhookState(webhook_id=id_, organization_id=organization_id))
        session.add(listener)
        audit.record(session, organization_id, actor, "listener.create", id_, after=_shown(row))
    return Created(listener, row, runtime().vault.open(row.signing_secret))


def delete(organization_id: str, listener_id: str, actor: Actor) -> None:
    """Cancels its open deliveries. NotFound."""
    retry_on_deadlock(partial(_delete, organization_id, listener_id, actor, "listener.delete"))


def expire(deadline: float) -> bool:
    """Delete listeners that have been silent for too long. Returns whether there may be more."""
    before = now_ms() - SILENT_SECONDS * 1000
    silent = listener_queries.silent(before, _AT_ONCE)
    for organization_id, listener_id in silent:
        if time.monotonic() >= deadline:
            return True
        retry_on_deadlock(
            partial(_delete, organization_id, listener_id, SYSTEM, "listener.expire", before)
        )
    return len(silent) == _AT_ONCE


EXPIRING = PeriodicTask("listeners", 15.0, expire)


def hash_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _settings(id_: str, token: str, fields: Mapping[str, Any]) -> dict[str, Any]:
    """Invalid: unknown fields."""
    remedy = f"Known fields: {', '.join(FIELDS)}."
    errors = [
        FieldError(name[:60], "unknown", "Unknown field.", remedy)
        for name in fields
        if name not in FIELDS
    ]
    if errors:
        raise Invalid(errors[:20])
    named = {name: value for name, value in fields.items() if value is not None}
    return {
        "name": _DEFAULT_NAME,
        **named,
        "url": listener_url(runtime().settings.public_url, id_),
        "secret_headers": {HEADER: token},
        "max_in_flight": MAX_IN_FLIGHT,
        "timeout_seconds": RESPONSE_SECONDS + 2,
        "ordered": False,
        "once": False,
    }


def _shown(row: Webhook) -> dict[str, Any]:
    settings = settings_of(row)
    return {name: settings[name] for name in FIELDS if name in settings}


def _delete(
    organization_id: str,
    listener_id: str,
    actor: Actor,
    action: str,
    silent_since: int | None = None,
) -> None:
    """silent_since: only if it has asked for no callbacks since. NotFound without it."""
    now = now_ms()
    with write_transaction() as session:
        ordering.lock_organizations(session, [organization_id], shared=False)
        listener = session.get(Listener, listener_id, with_for_update=True)
        if listener is None or listener.organization_id != organization_id:
            if silent_since is None:
                raise NotFound
            return
        if silent_since is not None and listener.seen_at >= silent_since:
            return
        row = session.get_one(Webhook, listener_id, with_for_update=True)
        backlog.cancel_all(session, organization_id, listener_id, now)
        row.deleted_at = row.updated_at = now
        row.version += 1
        raise_version(session, organization_id)
        session.delete(listener)
        audit.record(session, organization_id, actor, action, listener_id, before=_shown(row))
