"""Create, change and delete webhooks, with an entry in the audit log for each."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm.attributes import flag_modified

from app.domain.common.clock import now_ms
from app.domain.common.ids import new_id
from app.domain.webhooks.credentials.authentication import Authentication
from app.domain.webhooks.settings.completion import Mode, Settings, complete
from app.domain.webhooks.signing import kind_of, public_key
from app.models import Organization, Webhook, WebhookState
from app.models.common.base import db
from app.runtime.context import runtime
from app.services.accounts import quotas
from app.services.accounts.actor import Actor
from app.services.audit import log as audit
from app.services.webhooks import backlog, own_ids
from app.services.webhooks.addresses import check_address, with_parsed_url
from app.services.webhooks.changes import (
    Change,
    changing,
    check_organization,
    get_webhook,
    raise_version,
    reset_health,
)
from app.services.webhooks.secret_headers import headers_of
from app.services.webhooks.settings import apply, audited, authentication_of, settings_of
from app.store import key_order as ordering
from app.store.deadlocks import retry_on_deadlock
from app.store.sessions import WriteSession
from app.store.transaction import write_transaction

Fields = Mapping[str, Any]
# Computes the fields from the current webhook.
FieldsOf = Callable[[Webhook], Fields]


@dataclass(frozen=True, slots=True, repr=False)
class Secrets:
    """current, previous: signing secrets; previous is valid until `previous_until` (milliseconds
    since the epoch). public_key: `whpk_...`, for v1a only. client_certificate: with its key."""

    current: str
    previous: str | None
    previous_until: int | None
    public_key: str | None
    api_key: str | None
    secret_token: str | None
    secret_headers: dict[str, str] | None
    authentication: Authentication | None
    client_certificate: str | None
    ca_certificates: str | None


def create(
    organization_id: str, fields: Fields, actor: Actor, *, uid: str | None = None
) -> Webhook:
    """fields: as in the native API. uid: the caller's own id. Invalid, with all errors. NotFound:
    no such organization. QuotaExceeded: it has too many webhooks. Conflict: the uid is taken."""
    parsed = with_parsed_url(fields)
    settings = complete(parsed, existing=None, mode="create")
    check_address(parsed["url"])
    named = [name for name in fields if fields[name] is not None]
    with write_transaction() as session:
        ordering.lock_organizations(session, [organization_id], shared=False)
        # One-time webhooks are not cached, and a producer may create one for each job.
        if settings["once"]:
            check_organization(organization_id)
        else:
            raise_version(session, organization_id)
        return add(session, organization_id, settings, actor, named=named, uid=uid)


def add(
    session: WriteSession,
    organization_id: str,
    settings: Settings,
    actor: Actor,
    *,
    named: Iterable[str] = (),
    signed_by: Organization | None = None,
    uid: str | None = None,
) -> Webhook:
    """Like `create`, in the caller's transaction and with complete settings. QuotaExceeded.

    named: fields that were set explicitly. signed_by: sign with this organization's callback
    secret instead of a new one.
    """
    quotas.check_webhooks(session, organization_id)
    row = Webhook(id=new_id(), organization_id=organization_id, kind="webhook", version=1)
    row.created_at = row.updated_at = now_ms()
    if signed_by is not None:
        assert signed_by.callback_secret is not None, "see callback_targets.with_secret"
        row.signing_secret = signed_by.callback_secret
        row.previous_signing_secret = signed_by.previous_callback_secret
        row.previous_signing_secret_until = signed_by.previous_callback_secret_until
    apply(settings, row)
    own_ids.give(row, uid)
    session.add(row)
    session.flush()
    session.add(WebhookState(webhook_id=row.id, organization_id=organization_id))
    after = audited(row, dict.fromkeys(named, True), {})
    audit.record(session, organization_id, actor, "webhook.create", row.id, after=after)
    return row


def update(
    organization_id: str,
    webhook_id: str,
    fields: Fields | FieldsOf,
    actor: Actor,
    *,
    replace: bool = False,
    uid: own_ids.Uid = own_ids.KEPT,
) -> Webhook:
    """Change these fields. replace: reset all other settings to their defaults, except secrets.

    fields: a function is called twice, the second time inside the transaction, so that concurrent
    changes are not lost; its errors are raised. uid: the caller's own id, checked; None removes it.
    Invalid, NotFound. Conflict: the uid is taken.
    """
    mode: Mode = "replace" if replace else "patch"
    row = get_webhook(organization_id, webhook_id)
    parsed = with_parsed_url(fields(row) if callable(fields) else fields)
    settings = complete(parsed, existing=settings_of(row), mode=mode)
    if settings["url"] != row.url:
        # Resolving the host may take two seconds; no transaction stays open meanwhile.
        db.session.commit()
        check_address(parsed["url"])
    with changing(organization_id, webhook_id, actor, "webhook.update") as change:
        resolved = dict(fields(change.row)) if callable(fields) else parsed
        settings = complete(resolved, existing=settings_of(change.row), mode=mode)
        change.secrets.update(resolved)
        _change(change, settings)
        if not isinstance(uid, own_ids.Kept):
            own_ids.give(change.row, uid)
    runtime().wake_up.notify()
    return change.row


def delete(organization_id: str, webhook_id: str, actor: Actor) -> None:
    """Cancels its open deliveries. NotFound."""
    retry_on_deadlock(lambda: _delete(organization_id, webhook_id, actor))


def _delete(organization_id: str, webhook_id: str, actor: Actor) -> None:
    with changing(organization_id, webhook_id, actor, "webhook.delete") as change:
        backlog.cancel_all(change.session, organization_id, change.row.id, change.now)
        change.row.deleted_at = change.now
        change.more["deleted"] = True


def pause(organization_id: str, webhook_id: str, actor: Actor) -> Webhook:
    """Queued deliveries wait; new events create skipped deliveries. NotFound."""
    return _switch(organization_id, webhook_id, actor, "webhook.pause", active=False)


def resume(organization_id: str, webhook_id: str, actor: Actor) -> Webhook:
    """Queued deliveries continue. NotFound."""
    row = _switch(organization_id, webhook_id, actor, "webhook.resume", active=True)
    runtime().wake_up.notify()
    return row


def secrets_of(organization_id: str, webhook_id: str) -> Secrets:
    """NotFound."""
    return open_secrets(get_webhook(organization_id, webhook_id))


def open_secrets(row: Webhook) -> Secrets:
    current, until = runtime().vault.open(row.signing_secret), row.previous_signing_secret_until
    overlaps = until is not None and until > now_ms()
    return Secrets(
        current,
        previous=runtime().vault.open_or_none(row.previous_signing_secret) if overlaps else None,
        previous_until=until if overlaps else None,
        public_key=public_key(current) if kind_of(current) == "v1a" else None,
        api_key=runtime().vault.open_or_none(row.api_key),
        secret_token=runtime().vault.open_or_none(row.secret_token),
        secret_headers=dict(headers_of(row)[1]) or None,
        authentication=authentication_of(row),
        client_certificate=runtime().vault.open_or_none(row.client_certificate),
        ca_certificates=runtime().vault.open_or_none(row.ca_certificates),
    )


def _switch(
    organization_id: str, webhook_id: str, actor: Actor, action: str, *, active: bool
) -> Webhook:
    with changing(organization_id, webhook_id, actor, action) as change:
        _change(change, settings_of(change.row) | {"is_active": active})
    return change.row


def _change(change: Change, settings: Settings) -> None:
    """settings: complete. Pausing or resuming clears the reason why Callboard disabled it."""
    row, session = change.row, change.session
    was_active, was_ordered = row.is_active, row.ordered
    # What a person has seen and saved replaces what could not be read.
    for name in (*row.damaged, "is_active") if row.damaged else ():
        flag_modified(row, name)
    apply({"once_source": row.once_source} | settings, row)
    if row.is_active != was_active or row.is_active:
        row.disabled_reason = row.disabled_at = None
    if row.is_active and not was_active:
        reset_health(session, row.id)
    if row.ordered and not was_ordered:
        backlog.assign_ordering_keys(session, row.id)
    elif was_ordered and not row.ordered:
        backlog.clear_ordering_keys(session, row.id)
