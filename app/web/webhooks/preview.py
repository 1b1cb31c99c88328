"""Preview a webhook before it is saved: its request and its retry schedule."""

from dataclasses import dataclass, field
from typing import Any

from app.domain.bodies.spec import CannotRender
from app.domain.common.clock import now_ms
from app.domain.common.errors import Invalid
from app.domain.common.ids import new_id
from app.domain.deliveries.causes import explain
from app.domain.deliveries.composing import Composed, Composer, with_authorization
from app.domain.event_types.names import PRODUCT_TYPES
from app.domain.event_types.patterns import example_of, is_pattern, selected
from app.domain.event_types.patterns import sample_type as default_sample_type
from app.domain.webhooks.credentials.authentication import dumped, with_hidden
from app.domain.webhooks.facts import WebhookFacts
from app.domain.webhooks.headers import dump_pairs
from app.domain.webhooks.presets import PRESETS
from app.domain.webhooks.retry_policies import Exponential, RetryPolicy
from app.domain.webhooks.rows import facts_from_row
from app.domain.webhooks.settings.catalogue import OWNER_SECRETS
from app.domain.webhooks.settings.completion import Settings, complete
from app.domain.webhooks.signing import kind_of, new_secret
from app.models import Webhook
from app.queries.event_types import catalogue as event_type_queries
from app.runtime.context import runtime
from app.runtime.expressions import render_body
from app.services.webhooks.service import Secrets
from app.services.webhooks.test_sends import sample_event
from app.web.common.problems import error_text
from app.web.deliveries import exchange
from app.web.webhooks.authentication_widget import MASKED

# Shown until a URL is entered.
EXAMPLE_URL = "https://example.com/your-webhook"


@dataclass(frozen=True, slots=True)
class Wait:
    """The wait before attempt `number`.

    at: when that attempt would start, in milliseconds since the epoch, if the first one started now
    and all failed.
    """

    number: int
    seconds: float
    at: int


@dataclass(slots=True)
class Preview:
    """types: the event types to choose a sample from. message: the request; None if `problem` says
    why it cannot be built. jitter: the fraction by which waits vary."""

    event_type: str
    types: list[str] = field(default_factory=list)
    message: exchange.Message | None = None
    waits: list[Wait] = field(default_factory=list)
    jitter: float = 0
    problem: str = ""


def preview(
    organization_id: str,
    fields: dict[str, Any],
    sample_type: str | None,
    secrets: Secrets | None = None,
) -> Preview:
    """Build the request that a webhook with these settings would send.

    fields: the native API's fields, as `form.document` returns them. sample_type: the event type to
    show. secrets: those of the webhook that is being edited.
    """
    try:
        webhook = _facts(organization_id, fields, secrets)
    except Invalid as error:
        return Preview("", problem=error_text(error.errors[0]))
    types = _types(webhook)
    if sample_type not in types:
        preferred = default_sample_type(webhook.preset, webhook.event_types)
        sample_type = preferred if preferred in types or not types else types[0]
    policy = webhook.retry_policy
    jitter = policy.jitter if isinstance(policy, Exponential) else 0
    result = Preview(sample_type, types, waits=retry_schedule(policy), jitter=jitter)
    try:
        result.message = as_message(sample_request(webhook, sample_type))
    except CannotRender as error:
        result.problem = explain(error.cause, None, error.detail)
    return result


def sample_request(webhook: WebhookFacts, event_type: str) -> Composed:
    """Raises CannotRender if the webhook's format cannot represent the sample."""
    now = now_ms()
    event = sample_event(webhook, now, event_type)
    body = render_body(webhook.organization_id, webhook.body, event)
    composed = Composer(webhook).compose(event, new_id(), 1, now, body=body)
    if webhook.oauth is None:
        return composed
    return with_authorization(composed, f"Bearer {MASKED}")


def as_message(composed: Composed) -> exchange.Message:
    content_type = exchange.header(composed.headers, "content-type")
    body = exchange.body_view(composed.body, content_type)
    request_line = f"{composed.method} {composed.url}"
    query = None if composed.body else exchange.query_of(request_line)
    return exchange.Message(request_line, composed.headers, body, query)


def retry_schedule(policy: RetryPolicy, now: int | None = None) -> list[Wait]:
    at, waits = now_ms() if now is None else now, []
    for number, seconds in enumerate(policy.waits(), start=2):
        at += round(seconds * 1000)
        waits.append(Wait(number, seconds, at))
    return waits


def _types(webhook: WebhookFacts) -> list[str]:
    """Return the event types that match, the preset's own first."""
    own = list(PRESETS[webhook.preset].event_types)
    if webhook.event_types is not None:
        selectors = webhook.event_types
        named = sorted(name for name in selectors if not is_pattern(name))
        types = [*selected(selectors, own), *named]
        if len(named) < len(selectors):
            types += selected(selectors, event_type_queries.names(webhook.organization_id))
            types += map(example_of, sorted(selectors.difference(named)))
        return list(dict.fromkeys(types))
    others = event_type_queries.names(webhook.organization_id)
    return list(dict.fromkeys(own + [name for name in others if name not in PRODUCT_TYPES]))


def _facts(organization_id: str, fields: dict[str, Any], secrets: Secrets | None) -> WebhookFacts:
    document = {**fields, "url": fields.get("url") or EXAMPLE_URL}
    settings = complete(document, existing=None, mode="create")
    if secrets:
        for setting in OWNER_SECRETS:
            if setting.name not in fields and getattr(secrets, setting.name):
                settings[setting.column] = _masked(setting.name, getattr(secrets, setting.name))
    signing = settings["signing"]
    secret = settings.pop("secret", None) or (secrets.current if secrets else None)
    if secret is None or signing == "none" or kind_of(secret) != signing:
        secret = new_secret("v1a" if signing == "v1a" else "v1")
    return facts_from_row(_row(organization_id, settings, secret), runtime().vault, now_ms())


def _row(organization_id: str, settings: Settings, secret: str) -> dict[str, Any]:
    """Return the columns that the webhook would have, with its secrets sealed."""
    vault = runtime().vault
    empty = dict.fromkeys(column.key for column in Webhook.__table__.columns)
    sealed = {
        setting.column: vault.seal(_text(settings[setting.column]))
        if settings.get(setting.column)
        else None
        for setting in OWNER_SECRETS
    }
    identity = {"id": new_id(), "organization_id": organization_id, "version": 1, "kind": "webhook"}
    return {**empty, **identity, **settings, **sealed, "signing_secret": vault.seal(secret)}


def _masked(name: str, secret: str | dict[str, str]) -> Any:
    if isinstance(secret, str):
        return MASKED
    if name == "authentication":
        return with_hidden(secret, MASKED)
    return [(name, MASKED) for name in secret]


def _text(secret: str | dict[str, str] | list[tuple[str, str]]) -> str:
    if isinstance(secret, dict):
        return dumped(secret)
    return secret if isinstance(secret, str) else dump_pairs(secret)
