"""Presets: named defaults for a webhook's settings."""

from dataclasses import dataclass, field

from app.domain.webhooks.retry_policies import Cubic, Exponential, Fixed, RetryPolicy, Schedule

DEFAULT_PRESET = "standard"
CALLBACK_PRESET = "render"

_DOUBLING = Exponential(max_attempts=10, base_seconds=5, factor=2, cap_seconds=3600)
_STANDARD_DELAYS = (5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400)
_SVIX_DELAYS = (5, 300, 1800, 7200, 18000, 36000, 36000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """Attributes named like a setting are its defaults.

    success_statuses: as returned by `success.parse_statuses`. requires: payload fields that the
    body format needs; a webhook without selected event types does not match events without them.
    signature_prefix: of a second set of signature headers, next to `webhook-*`; their id is then
    the event's instead of the delivery's.
    event_types: the preset's own event types (samples in domain.event_types). selected: those that
    the form of a new webhook selects; () for all.
    """

    name: str
    title: str
    description: str
    body_format: str
    method: str = "POST"
    body_encoding: str = "json"
    success_statuses: tuple[str, ...] = ("200-299",)
    timeout_seconds: float = 10
    retry_policy: RetryPolicy = _DOUBLING
    secret_header: str | None = None
    requires: tuple[str, ...] = ()
    honors_retry_after: bool = False
    disables_on_410: bool = False
    signature_prefix: str | None = None
    event_types: tuple[str, ...] = field(default=())
    selected: tuple[str, ...] = ()


def _chat(name: str, title: str, description: str) -> "Preset":
    """A message for people: mostly about webhooks, at most one in 15 minutes about each."""
    return Preset(
        name=name,
        title=title,
        description=description,
        body_format=name,
        honors_retry_after=True,
        event_types=(
            "webhook.digest",
            "webhook.disabled",
            "webhook.failing",
            "webhook.recovered",
            "delivery.failed",
        ),
        selected=("webhook.digest",),
    )


_ALL = (
    Preset(
        name="standard",
        title="Standard Webhooks",
        description="JSON with type, timestamp and data, signed as Standard Webhooks specifies.",
        body_format="standard",
        timeout_seconds=15,
        retry_policy=Schedule(delays_seconds=_STANDARD_DELAYS),
        honors_retry_after=True,
        disables_on_410=True,
    ),
    Preset(
        name="form_callback",
        title="Form callback",
        description="callback_id, callback_value, callback_format and api_key as a form.",
        body_format="form_callback",
        body_encoding="form",
        requires=("callback_value", "callback_format"),
        event_types=("transcoding.finished", "thumbnails.finished"),
    ),
    Preset(
        name="live_channel",
        title="Live channel",
        description="JSON with event and eventTime, followed by the channel's fields.",
        body_format="live_channel",
        event_types=("channel_live", "channel_stop", "channel_ended"),
    ),
    Preset(
        name="asset",
        title="Asset status",
        description="The unchanged payload, with the secret token in x-streams-token.",
        body_format="asset",
        secret_header="x-streams-token",  # noqa: S106, the name of a header
        event_types=("asset.status_changed",),
    ),
    Preset(
        name="render",
        title="Render callback",
        description="The unchanged payload; status codes 200 to 399 count as success.",
        body_format="render",
        success_statuses=("200-399",),
        retry_policy=Cubic(max_attempts=10, cap_seconds=900),
        event_types=("render.done", "render.failed"),
    ),
    Preset(
        name="encoding",
        title="Encoding lifecycle",
        description="JSON with type and emitted_at, followed by the media's fields.",
        body_format="encoding",
        retry_policy=Fixed(max_attempts=4, interval_seconds=3),
        event_types=(
            "file.received",
            "encoding.started",
            "partial.finished",
            "encoding.finished",
            "encoding.failed",
        ),
    ),
    Preset(
        name="cloudevents",
        title="CloudEvents",
        description="A CloudEvents 1.0.2 document, with the payload as its data (structured mode).",
        body_format="cloudevents",
        timeout_seconds=15,
        retry_policy=Schedule(delays_seconds=_STANDARD_DELAYS),
        honors_retry_after=True,
    ),
    Preset(
        name="cloudevents_binary",
        title="CloudEvents (binary)",
        description="The unchanged payload, with CloudEvents 1.0.2 attributes in ce-* headers.",
        body_format="cloudevents_binary",
        timeout_seconds=15,
        retry_policy=Schedule(delays_seconds=_STANDARD_DELAYS),
        honors_retry_after=True,
    ),
    Preset(
        name="svix",
        title="Svix",
        description="The unchanged payload, signed with svix-id, svix-timestamp, svix-signature.",
        body_format="svix",
        timeout_seconds=15,
        retry_policy=Schedule(delays_seconds=_SVIX_DELAYS),
        signature_prefix="svix",
    ),
    _chat("slack", "Slack", "A message to a channel, at the URL of an incoming webhook."),
    _chat("discord", "Discord", "A message to a channel, at the URL of a channel's webhook."),
    _chat(
        "teams",
        "Microsoft Teams",
        "An adaptive card, at the URL of the workflow When a Teams webhook request is received.",
    ),
    Preset(
        name="custom",
        title="Custom",
        description="A body of your own from a JMESPath expression, as JSON or as a form.",
        body_format="custom",
        timeout_seconds=15,
        honors_retry_after=True,
    ),
)

# Those whose bodies people read.
CHATS = ("slack", "discord", "teams")
PRESETS: dict[str, Preset] = {preset.name: preset for preset in _ALL}
