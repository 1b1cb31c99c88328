"""Hidden webhooks of kind `callback`: one for each organization, origin and preset of one-off
callbacks, so that these have their own limits and state, like any other webhook."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, or_, update
from sqlalchemy.dialects import postgresql, sqlite

from app.domain.common.ids import new_id
from app.domain.webhooks.presets import PRESETS
from app.domain.webhooks.signing import new_secret
from app.models import Organization, Webhook, WebhookState
from app.models.common.base import db
from app.models.webhooks import IS_CALLBACK_TARGET
from app.queries import webhooks as webhook_queries
from app.runtime.context import runtime
from app.store.sessions import WriteSession


@dataclass(frozen=True, slots=True, order=True)
class CallbackTarget:
    organization_id: str
    preset: str
    origin: str


def callback_target_ids(targets: Iterable[CallbackTarget], now: int) -> dict[CallbackTarget, str]:
    """Webhook ids of the targets; creates missing ones in the session's transaction."""
    session: Any = db.session
    unique = sorted(set(targets))
    ids = _existing(unique)
    missing = [target for target in unique if target not in ids]
    for target in missing:
        _create(session, target, now)
    return ids | _existing(missing)


def with_secret(session: WriteSession, organization_id: str) -> Organization:
    """Return the organization, with a new callback secret if it has none."""
    organization = session.get_one(Organization, organization_id)
    if organization.callback_secret is None:
        # A concurrent transaction waits here, and then reads the first one's secret.
        lock: Any = {"key_share": True}
        organization = session.get_one(Organization, organization_id, with_for_update=lock)
    if organization.callback_secret is None:
        organization.callback_secret = runtime().vault.seal(new_secret("v1"))
        session.flush()
    return organization


def copy_secret(session: WriteSession, organization: Organization) -> None:
    """Copy a rotated callback secret to the callback targets, and to one-time webhooks that were
    signed with the previous one."""
    same = Webhook.signing_secret == organization.previous_callback_secret
    session.execute(
        update(Webhook)
        .where(
            Webhook.organization_id == organization.id,
            or_(IS_CALLBACK_TARGET, and_(Webhook.once, same)),
        )
        .values(
            signing_secret=organization.callback_secret,
            previous_signing_secret=organization.previous_callback_secret,
            previous_signing_secret_until=organization.previous_callback_secret_until,
            version=Webhook.version + 1,
        )
    )


def _existing(targets: list[CallbackTarget]) -> dict[CallbackTarget, str]:
    if not targets:
        return {}
    rows = webhook_queries.callback_targets(
        [(e.organization_id, e.preset, e.origin) for e in targets]
    )
    return {CallbackTarget(row[0], row[1], row[2]): row[3] for row in rows}


def _create(session: WriteSession, target: CallbackTarget, now: int) -> None:
    """Waits for a concurrent transaction that creates the same target, and then creates none."""
    organization = with_secret(session, target.organization_id)
    insert = sqlite.insert if session.connection().dialect.name == "sqlite" else postgresql.insert
    webhook_id = session.scalar(
        insert(Webhook)
        .values(_values(target, organization, now))
        .on_conflict_do_nothing()
        .returning(Webhook.id)
    )
    if webhook_id is not None:
        state = {"webhook_id": webhook_id, "organization_id": target.organization_id}
        session.execute(insert(WebhookState).values(state))


def _values(target: CallbackTarget, organization: Organization, now: int) -> dict[str, object]:
    preset = PRESETS[target.preset]
    return {
        "id": new_id(),
        "organization_id": target.organization_id,
        "kind": "callback",
        "name": "One-off callbacks",
        "url": target.origin,
        "preset": preset.name,
        "method": preset.method,
        "body_format": preset.body_format,
        "body_encoding": preset.body_encoding,
        "success_statuses": list(preset.success_statuses),
        "timeout_seconds": preset.timeout_seconds,
        "retry_policy": preset.retry_policy.document(),
        "signing_secret": organization.callback_secret,
        "previous_signing_secret": organization.previous_callback_secret,
        "previous_signing_secret_until": organization.previous_callback_secret_until,
        "created_at": now,
        "updated_at": now,
    }
