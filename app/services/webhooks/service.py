"""What can be done with a webhook. Each verb leaves an entry in the audit log."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from app.domain.common.clock import now_ms
from app.domain.common.errors import invalid
from app.domain.common.ids import new_id
from app.domain.webhooks.settings.completion import Mode, Settings, complete
from app.domain.webhooks.signing import kind_of, new_secret, parse_secret, public_key
from app.models import Organization, Webhook, WebhookState
from app.models.base import db
from app.runtime.context import runtime
from app.sending.addresses.saving import check_saved_url
from app.services.accounts.actor import Actor
from app.services.audit import log as audit
from app.services.webhooks import backlog as webhook_backlog
from app.services.webhooks.changes import (
    Change,
    bump,
    changing,
    check_organization,
    forget_failures,
    get_webhook,
)
from app.services.webhooks.settings import apply, audited, settings_of
from app.store import key_order as ordering
from app.store.deadlocks import retry_on_deadlock
from app.store.sessions import WriteSession
from app.store.transaction import write_transaction

Given = Mapping[str, Any]
# What is to be changed may depend on how the webhook stands when it is changed.
Worked = Callable[[Webhook], Given]

LONGEST_OVERLAP_SECONDS = 30 * 86_400


@dataclass(frozen=True, slots=True, repr=False)
class Secrets:
    """current, previous: signing secrets, the second one while both are valid, until
    `previous_until` (milliseconds since the epoch). public_key: `whpk_...` under v1a."""

    current: str
    previous: str | None
    previous_until: int | None
    public_key: str | None
    api_key: str | None
    secret_token: str | None


def create(organization_id: str, given: Given, actor: Actor) -> Webhook:
    """given: fields of the native API. Invalid, with all that is wrong; NotFound: organization."""
    wanted = complete(dict(given), existing=None, mode="create")
    _check_url(wanted["url"])
    named = [name for name in given if given[name] is not None]
    with write_transaction() as session:
        ordering.lock_organizations(session, [organization_id], shared=False)
        # Of those that are good once nobody keeps a copy, and there may be one for each job.
        if wanted["once"]:
            check_organization(organization_id)
        else:
            bump(session, organization_id)
        return add(session, organization_id, wanted, actor, named=named)


def add(
    session: WriteSession,
    organization_id: str,
    wanted: Settings,
    actor: Actor,
    *,
    named: Iterable[str] = (),
    signed_by: Organization | None = None,
) -> Webhook:
    """As `create`, inside the caller's transaction and with complete settings.

    named: the fields that were given. signed_by: whose callback secret signs, instead of one of
    the webhook's own.
    """
    row = Webhook(id=new_id(), organization_id=organization_id, kind="webhook", version=1)
    row.created_at = row.updated_at = now_ms()
    if signed_by is not None:
        assert signed_by.callback_secret is not None, "see callback_lanes.with_secret"
        row.signing_secret = signed_by.callback_secret
        row.previous_signing_secret = signed_by.previous_callback_secret
        row.previous_signing_secret_until = signed_by.previous_callback_secret_until
    apply(wanted, row)
    session.add(row)
    session.flush()
    session.add(WebhookState(webhook_id=row.id, organization_id=organization_id))
    after = audited(row, dict.fromkeys(named, True))
    audit.record(session, organization_id, actor, "webhook.create", row.id, after=after)
    return row


def update(
    organization_id: str,
    webhook_id: str,
    given: Given | Worked,
    actor: Actor,
    *,
    replace: bool = False,
) -> Webhook:
    """Change what is given; replace: what is not given goes back to its default, but for secrets.

    given: a function is asked twice, the second time inside the transaction that changes the row,
    so that of two changes at once neither is lost; what it raises goes through. Invalid, NotFound.
    """
    mode: Mode = "replace" if replace else "patch"
    row = get_webhook(organization_id, webhook_id)
    wanted = complete(_worked(given, row), existing=settings_of(row), mode=mode)
    if wanted["url"] != row.url:
        # It may take two seconds: no transaction stays open meanwhile.
        db.session.commit()
        _check_url(wanted["url"])
    with changing(organization_id, webhook_id, actor, "webhook.update") as change:
        asked = _worked(given, change.row)
        wanted = complete(asked, existing=settings_of(change.row), mode=mode)
        change.secrets.update(asked)
        _change(change, wanted)
    runtime().wake_up.notify()
    return change.row


def delete(organization_id: str, webhook_id: str, actor: Actor) -> None:
    """What was still to be sent ends as cancelled. NotFound."""
    retry_on_deadlock(lambda: _delete(organization_id, webhook_id, actor))


def _delete(organization_id: str, webhook_id: str, actor: Actor) -> None:
    with changing(organization_id, webhook_id, actor, "webhook.delete") as change:
        webhook_backlog.drop(change.session, organization_id, change.row.id, change.now)
        change.row.deleted_at = change.now
        change.more["deleted"] = True


def pause(organization_id: str, webhook_id: str, actor: Actor) -> Webhook:
    """What waits is held; what happens meanwhile becomes skipped. NotFound."""
    return _switch(organization_id, webhook_id, actor, "webhook.pause", active=False)


def resume(organization_id: str, webhook_id: str, actor: Actor) -> Webhook:
    """What was held goes on. NotFound."""
    row = _switch(organization_id, webhook_id, actor, "webhook.resume", active=True)
    runtime().wake_up.notify()
    return row


def rotate_secret(
    organization_id: str,
    webhook_id: str,
    actor: Actor,
    overlap_seconds: int = 86_400,
    secret: str | None = None,
) -> str:
    """The new signing secret; the old one signs beside it for `overlap_seconds` (0 to 30 days).
    Invalid: the secret given is none, or of another kind than the webhook signs with. NotFound."""
    if not 0 <= overlap_seconds <= LONGEST_OVERLAP_SECONDS:
        right = f"Give a whole number of seconds from 0 to {LONGEST_OVERLAP_SECONDS}."
        raise invalid("overlap_seconds", "range", f"{overlap_seconds} is out of range.", right)
    own = None if secret is None else parse_secret(secret)
    with changing(organization_id, webhook_id, actor, "webhook.rotate_secret") as change:
        row = change.row
        made = _new_secret(row, own)
        row.previous_signing_secret = row.signing_secret if overlap_seconds else None
        until = change.now + overlap_seconds * 1000
        row.previous_signing_secret_until = until if overlap_seconds else None
        row.signing_secret = runtime().vault.seal(made)
        change.more["overlap_seconds"] = overlap_seconds
    return made


def secrets_of(organization_id: str, webhook_id: str) -> Secrets:
    """NotFound."""
    row = get_webhook(organization_id, webhook_id)
    current, until = runtime().vault.open(row.signing_secret), row.previous_signing_secret_until
    overlaps = until is not None and until > now_ms()
    return Secrets(
        current,
        previous=runtime().vault.open_or_none(row.previous_signing_secret) if overlaps else None,
        previous_until=until if overlaps else None,
        public_key=public_key(current) if kind_of(current) == "v1a" else None,
        api_key=runtime().vault.open_or_none(row.api_key),
        secret_token=runtime().vault.open_or_none(row.secret_token),
    )


def _worked(given: Given | Worked, row: Webhook) -> dict[str, Any]:
    return dict(given(row) if callable(given) else given)


def _check_url(url: str) -> None:
    check_saved_url(url, runtime().guard, dns_servers=runtime().settings.dns_servers)


def _switch(
    organization_id: str, webhook_id: str, actor: Actor, action: str, *, active: bool
) -> Webhook:
    with changing(organization_id, webhook_id, actor, action) as change:
        _change(change, settings_of(change.row) | {"is_active": active})
    return change.row


def _change(change: Change, wanted: Settings) -> None:
    """wanted: all settings. A person who switches it, on or off, overrules the product."""
    row, session = change.row, change.session
    was_active, was_ordered = row.is_active, row.ordered
    apply({"once_source": row.once_source} | wanted, row)
    if row.is_active != was_active or row.is_active:
        row.disabled_reason = row.disabled_at = None
    if row.is_active and not was_active:
        forget_failures(session, row.id)
    if row.ordered and not was_ordered:
        webhook_backlog.put_in_order(session, row.id)
    elif was_ordered and not row.ordered:
        webhook_backlog.let_loose(session, row.id)


def _new_secret(row: Webhook, own: str | None) -> str:
    kind = (
        kind_of(runtime().vault.open(row.signing_secret)) if row.signing == "none" else row.signing
    )
    if own is not None and row.signing != "none" and kind_of(own) != kind:
        right = f"Give one that begins with {'whsec_' if kind == 'v1' else 'whsk_'}."
        raise invalid("secret", "conflict", f"This webhook signs with {kind}.", right)
    return own or new_secret(kind)
