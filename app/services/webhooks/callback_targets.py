"""Lanes: hidden webhooks, one for the one-off callbacks of an organization to one origin under one
preset, so that they have limits and state of their own like any other webhook."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, or_, update
from sqlalchemy.dialects import postgresql, sqlite

from app.domain.common.ids import new_id
from app.domain.webhooks.presets import PRESETS
from app.domain.webhooks.signing import new_secret
from app.models import Organization, Webhook, WebhookState
from app.models.webhooks import IS_CALLBACK_TARGET
from app.queries import webhooks as webhook_queries
from app.runtime.context import runtime
from app.store.sessions import WriteSession


@dataclass(frozen=True, slots=True, order=True)
class CallbackTarget:
    organization_id: str
    preset: str
    origin: str


def callback_target_ids(
    session: WriteSession, wanted: Iterable[CallbackTarget], now: int
) -> dict[CallbackTarget, str]:
    """The webhook id of each lane; those that are new are made."""
    lanes = sorted(set(wanted))
    found = _found(lanes)
    missing = [lane for lane in lanes if lane not in found]
    for lane in missing:
        _make(session, lane, now)
    return found | _found(missing)


def with_secret(session: WriteSession, organization_id: str) -> Organization:
    """The organization; one that has no callback secret gets one."""
    organization = session.get_one(Organization, organization_id, populate_existing=True)
    if organization.callback_secret is None:
        # Of two that find none, the second waits, and finds the first one's.
        lock: Any = {"key_share": True}
        organization = session.get_one(
            Organization, organization_id, populate_existing=True, with_for_update=lock
        )
    if organization.callback_secret is None:
        organization.callback_secret = runtime().vault.seal(new_secret("v1"))
        session.flush()
    return organization


def carry_secret(session: WriteSession, organization: Organization) -> None:
    """The callback secret of `organization` was changed: its lanes sign with the new one, and with
    the former as long as that is valid; so do webhooks that are good once and signed with it."""
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


def _found(lanes: list[CallbackTarget]) -> dict[CallbackTarget, str]:
    if not lanes:
        return {}
    rows = webhook_queries.callback_targets(
        [(e.organization_id, e.preset, e.origin) for e in lanes]
    )
    return {CallbackTarget(row[0], row[1], row[2]): row[3] for row in rows}


def _make(session: WriteSession, lane: CallbackTarget, now: int) -> None:
    """Somebody else may make it at the same instant: then this waits, and makes none."""
    organization = with_secret(session, lane.organization_id)
    insert = sqlite.insert if session.connection().dialect.name == "sqlite" else postgresql.insert
    made = session.scalar(
        insert(Webhook)
        .values(_values(lane, organization, now))
        .on_conflict_do_nothing()
        .returning(Webhook.id)
    )
    if made is not None:
        state = {"webhook_id": made, "organization_id": lane.organization_id}
        session.execute(insert(WebhookState).values(state))


def _values(lane: CallbackTarget, organization: Organization, now: int) -> dict[str, object]:
    preset = PRESETS[lane.preset]
    return {
        "id": new_id(),
        "organization_id": lane.organization_id,
        "kind": "callback",
        "name": "One-off callbacks",
        "url": lane.origin,
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
