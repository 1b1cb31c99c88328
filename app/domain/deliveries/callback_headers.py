"""The headers that Callboard adds to every callback: their names, and what they say."""

from dataclasses import dataclass, field
from typing import Any

# Of the headers of Standard Webhooks, `webhook-id` and so on.
SIGNED_PARTS = ("id", "timestamp", "signature")
WEBHOOK_ID = "X-Callboard-Webhook-Id"
EVENT_TYPE = "X-Callboard-Event-Type"
EVENT_ID = "X-Callboard-Event-Id"
DELIVERY_ID = "X-Callboard-Delivery-Id"
ATTEMPT = "X-Callboard-Attempt"
TEST_HEADER = "X-Callboard-Test"
SECRET_HEADER = "X-Callboard-Token"  # noqa: S105, the name of a header

_UUID = {"type": "string", "format": "uuid"}


@dataclass(frozen=True, slots=True)
class CallbackHeader:
    """schema: a JSON Schema of the value. is_always_sent: by a webhook with default settings."""

    name: str
    description: str
    is_always_sent: bool = True
    schema: dict[str, Any] = field(default_factory=lambda: {"type": "string"})


# What a webhook with default settings sends; other presets and settings add or rename some.
CALLBACK_HEADERS = (
    CallbackHeader(
        "webhook-id",
        "The same on every retry and resend of a delivery: drop repeats by it.",
    ),
    CallbackHeader(
        "webhook-timestamp",
        "When this attempt was signed, in seconds since the epoch. Reject old ones.",
        schema={"type": "integer"},
    ),
    CallbackHeader(
        "webhook-signature",
        "Signatures as Standard Webhooks defines them, separated by spaces; absent if the webhook"
        " does not sign.",
        is_always_sent=False,
    ),
    CallbackHeader(WEBHOOK_ID, "The ID of the webhook.", schema=_UUID),
    CallbackHeader(EVENT_TYPE, "The type of the event."),
    CallbackHeader(EVENT_ID, "The ID of the event.", schema=_UUID),
    CallbackHeader(DELIVERY_ID, "The ID of the delivery.", schema=_UUID),
    CallbackHeader(
        ATTEMPT,
        "Counts the attempts of the delivery, from 1.",
        schema={"type": "integer", "minimum": 1},
    ),
    CallbackHeader(TEST_HEADER, "`true` in test sends, else absent.", is_always_sent=False),
    CallbackHeader(SECRET_HEADER, "The webhook's `secret_token`, if set.", is_always_sent=False),
)
