"""What a row of the list of webhooks shows."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.domain.deliveries.callback_headers import SECRET_HEADER
from app.domain.webhooks.matching import required_fields
from app.domain.webhooks.presets import PRESETS
from app.models import Webhook, WebhookState
from app.queries import webhooks as webhook_queries
from app.queries.statistics.failing import ByRate
from app.web.webhooks import health
from app.web.webhooks.health import Health
from app.web.webhooks.names import tails_of

MASK = "\u2022" * 8


@dataclass(frozen=True, slots=True)
class Key:
    """The credential that requests carry. The secret itself is never part of a list."""

    label: str
    masked: str


@dataclass(frozen=True, slots=True)
class Row:
    """tail: the end of the id if another row would look the same, else "". matches: the events
    that are sent, in words. key: None if requests carry no credential."""

    webhook: Webhook
    state: WebhookState | None
    health: Health
    tail: str
    format: str
    matches: str
    key: Key | None


def rows_of(
    organization_id: str, webhooks: Sequence[Webhook], known: ByRate | None = None
) -> list[Row]:
    """known: the failing webhooks, if they were read already."""
    ids = [webhook.id for webhook in webhooks]
    states = webhook_queries.states_of(organization_id, ids) if ids else {}
    healths = health.of_webhooks(organization_id, webhooks, states, known)
    tails = tails_of(webhooks)
    return [
        Row(
            webhook,
            states.get(webhook.id),
            healths[webhook.id],
            tails[webhook.id],
            format_of(webhook),
            matches_of(webhook),
            key_of(webhook),
        )
        for webhook in webhooks
    ]


def format_of(webhook: Webhook) -> str:
    preset = PRESETS.get(webhook.body_format)
    return preset.title if preset else webhook.body_format


def matches_of(webhook: Webhook) -> str:
    """The event types that are sent, or what events of all types need."""
    if webhook.event_types:
        return ", ".join(webhook.event_types)
    fields = required_fields(webhook.body_format, webhook.event_types)
    return f"All with {', '.join(fields)}" if fields else "All event types"


def key_of(webhook: Webhook) -> Key | None:
    if webhook.api_key:
        return Key("API key", MASK)
    if webhook.secret_token:
        return Key(webhook.secret_header or SECRET_HEADER, MASK)
    if webhook.signing == "none":
        return None
    return Key("Signing secret", ("whsk_" if webhook.signing == "v1a" else "whsec_") + MASK)
