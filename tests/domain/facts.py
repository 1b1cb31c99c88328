"""Events and webhooks for the tests of rules: with what matters given, and the rest usual."""

from typing import Any

from app.domain.bodies.formats import BodySpec
from app.domain.events.event import EventFacts
from app.domain.webhooks.facts import WebhookFacts
from app.domain.webhooks.presets import PRESETS
from app.domain.webhooks.success import StatusRule

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
AT = 1476697473034


def event(payload: str = "{}", type_: str = "encoding.started", source: str | None = None):
    return EventFacts("0198c9f6-1c70-7a11-9d3b-5f0c2f7e9b01", type_, source, AT, payload.encode())


def webhook(preset: str = "standard", **settings: Any) -> WebhookFacts:
    start = PRESETS[preset]
    usual: dict[str, Any] = {
        "id": "0198c9f5-0b60-7e5c-9db9-81321ffe31d5",
        "organization_id": "0198c9f5-0b60-7e5c-9db9-000000000001",
        "version": 1,
        "kind": "webhook",
        "preset": preset,
        "url": "https://receiver.example/hook",
        "method": start.method,
        "body": BodySpec(start.body_format, start.body_encoding),
        "headers": (),
        "secret_headers": (),
        "oauth": None,
        "tls": None,
        "event_types": None,
        "sources": None,
        "filter": None,
        "secret_token": None,
        "secret_header": start.secret_header,
        "signing": "v1",
        "signature_scheme": "standard",
        "signature_header": None,
        "secrets": (SECRET,),
        "success": StatusRule(start.success_statuses),
        "timeout_seconds": start.timeout_seconds,
        "retry_policy": start.retry_policy,
        "honors_retry_after": start.honors_retry_after,
        "disables_on_410": start.disables_on_410,
        "rate_limit_per_second": None,
        "max_in_flight": 32,
        "ordered": False,
        "is_active": True,
        "once": False,
    }
    return WebhookFacts(**usual | settings)
