"""The exact request that a webhook will send, and when it would try again: before it is saved."""

from dataclasses import dataclass, field
from typing import Any

from app.domain.bodies.spec import CannotRender
from app.domain.common.clock import now_ms
from app.domain.common.errors import Invalid
from app.domain.common.ids import new_id
from app.domain.deliveries.causes import explain
from app.domain.deliveries.composing import Composed, Composer
from app.domain.event_types.names import PRODUCT_TYPES, sample_type
from app.domain.webhooks.facts import WebhookFacts
from app.domain.webhooks.presets import PRESETS
from app.domain.webhooks.retry_policies import RetryPolicy
from app.domain.webhooks.rows import facts_from_row
from app.domain.webhooks.settings.completion import complete
from app.domain.webhooks.signing import kind_of, new_secret
from app.models import Webhook
from app.queries import event_types
from app.runtime.context import runtime
from app.services.webhooks.service import Secrets
from app.services.webhooks.test_sends import sample_event
from app.web.deliveries import exchange

# What a webhook needs to be shown before it has an address of its own.
EXAMPLE_URL = "https://example.com/your-webhook"
# What stands for a secret that is kept, and was not typed just now.
HIDDEN = "********"


@dataclass(frozen=True, slots=True)
class Wait:
    """number: of the attempt. seconds: of waiting before it. at: milliseconds since the epoch, if
    the first attempt were made now and all fail. length: 0 to 10, how long it is drawn."""

    number: int
    seconds: float
    at: int


@dataclass(slots=True)
class Preview:
    """message: None when there is a problem, which says in words what keeps it from being made."""

    event_type: str
    types: list[str] = field(default_factory=list)
    message: exchange.Message | None = None
    waits: list[Wait] = field(default_factory=list)
    jitter: float = 0
    problem: str = ""


def preview(
    organization_id: str, given: dict[str, Any], wanted: str | None, kept: Secrets | None = None
) -> Preview:
    """given: as webhook_form.given makes it. wanted: the event type to show. kept: the secrets of
    a webhook that is being changed."""
    try:
        found = _facts(organization_id, given, kept)
    except Invalid as error:
        first = error.errors[0]
        return Preview("", problem=f"{first.problem} {first.remedy}")
    names = _types(found)
    shown = wanted if wanted in names else sample_type(found.preset, found.event_types)
    result = Preview(shown, names, waits=timetable(found.retry_policy))
    result.jitter = getattr(found.retry_policy, "jitter", 0)
    try:
        result.message = as_message(sample_request(found, shown))
    except CannotRender as error:
        result.problem = explain(error.cause, None, error.detail)
    return result


def sample_request(webhook: WebhookFacts, event_type: str) -> Composed:
    """CannotRender when the webhook can make no body of the sample."""
    now = now_ms()
    return Composer(webhook).compose(sample_event(webhook, now, event_type), new_id(), 1, now)


def as_message(composed: Composed) -> exchange.Message:
    content_type = exchange.header(composed.headers, "content-type")
    body = exchange.body_view(composed.body, content_type)
    line = f"{composed.method} {composed.url}"
    query = None if composed.body else exchange.query_of(line)
    return exchange.Message(line, composed.headers, body, query)


def timetable(policy: RetryPolicy, now: int | None = None) -> list[Wait]:
    at, waits = now_ms() if now is None else now, []
    for number, seconds in enumerate(policy.waits(), start=2):
        at += round(seconds * 1000)
        waits.append(Wait(number, seconds, at))
    return waits


def _types(webhook: WebhookFacts) -> list[str]:
    """Those that it takes, its preset's own first."""
    known = list(PRESETS[webhook.preset].event_types)
    if webhook.event_types is not None:
        named = webhook.event_types
        return [name for name in known if name in named] + sorted(named - set(known))
    others = event_types.names(webhook.organization_id)
    return list(dict.fromkeys(known + [name for name in others if name not in PRODUCT_TYPES]))


def _facts(organization_id: str, given: dict[str, Any], kept: Secrets | None) -> WebhookFacts:
    document = {**given, "url": given.get("url") or EXAMPLE_URL}
    settings = complete(document, existing=None, mode="create")
    if kept:
        for name in ("api_key", "secret_token"):
            if name not in given and getattr(kept, name):
                settings[name] = HIDDEN
    signing = settings["signing"]
    secret = settings.pop("secret", None) or (kept.current if kept else None)
    if secret is None or signing == "none" or kind_of(secret) != signing:
        secret = new_secret("v1a" if signing == "v1a" else "v1")
    return facts_from_row(_row(organization_id, settings, secret), runtime().vault, now_ms())


def _row(organization_id: str, settings: dict[str, Any], secret: str) -> dict[str, Any]:
    """As the webhook's row would be; its secrets are sealed, since that is how a row has them."""
    empty = dict.fromkeys(column.key for column in Webhook.__table__.columns)
    sealed = {
        name: runtime().vault.seal(settings[name]) if settings.get(name) else None
        for name in ("api_key", "secret_token")
    }
    fixed = {"id": new_id(), "organization_id": organization_id, "version": 1, "kind": "webhook"}
    return {**empty, **fixed, **settings, **sealed, "signing_secret": runtime().vault.seal(secret)}
