"""The form of a webhook: the native API's fields, as a person fills them in."""

import json
from typing import Any, ClassVar

from wtforms import (
    BooleanField,
    Field,
    HiddenField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.widgets import CheckboxInput, ListWidget

from app.domain.bodies.formats import FORMATS
from app.domain.webhooks.presets import PRESETS, Preset
from app.models import Webhook
from app.web.common.forms import CallboardForm, choices, lines, number_or_text

_PRESETS = choices({preset.name: preset.title for preset in PRESETS.values()})
_FORMATS = choices({name: PRESETS[name].title for name in FORMATS})
_ENCODINGS = choices({"json": "JSON", "form": "Form"})
_TAKES = choices({"all": "All event types, new ones too", "some": "Only these"})
POLICIES = {
    "exponential": "Exponential: each wait a multiple of the one before",
    "fixed": "Fixed: the same wait each time",
    "cubic": "Cubic: the attempt's number, cubed",
    "schedule": "Schedule: your own list of waits",
}
# The settings of each kind of policy, by their names in the policy's document.
POLICY_FIELDS = {
    "exponential": ("max_attempts", "base_seconds", "factor", "cap_seconds", "jitter"),
    "fixed": ("max_attempts", "interval_seconds"),
    "cubic": ("max_attempts", "cap_seconds"),
    "schedule": ("delays_seconds",),
}
SIGNING = {
    "v1": "v1, HMAC-SHA256 with a shared secret",
    "v1a": "v1a, ed25519: receivers need only the public key",
    "none": "Off",
}
# Kept when their field is left empty on an existing webhook.
KEPT = ("api_key", "secret_token")


class Ticks(SelectMultipleField):
    """A list of checkboxes; names that nobody listed are taken as well."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class WebhookForm(CallboardForm):
    """Everything is text until the domain reads it."""

    renamed: ClassVar = {"metadata": "metadata_json", "retry_policy": "retry_policy_kind"}

    preset = SelectField("Preset", choices=_PRESETS, validate_choice=False)
    before = HiddenField()
    name = StringField("Name")
    url = StringField("URL")
    description = TextAreaField("Description")

    takes = RadioField("Event types", choices=_TAKES, validate_choice=False)
    event_types = Ticks("Event types to take", choices=[], validate_choice=False)
    more_event_types = TextAreaField("Others, one on a line")
    sources = TextAreaField("Sources, one on a line")
    filter = StringField("Filter")

    method = StringField("Method")
    body_format = SelectField("Body", choices=_FORMATS, validate_choice=False)
    body_encoding = RadioField("Sent as", choices=_ENCODINGS, validate_choice=False)
    body_expression = TextAreaField("Expression")
    headers = TextAreaField("Headers, one on a line")
    api_key = StringField("API key")
    secret_token = StringField("Secret token")
    secret_header = StringField("Header of the token")
    remove_api_key = BooleanField("Remove the API key")
    remove_secret_token = BooleanField("Remove the secret token")

    success_statuses = StringField("Statuses that count as delivered")
    timeout_seconds = StringField("Timeout, seconds")
    retry_policy_kind = SelectField("Retries", choices=choices(POLICIES), validate_choice=False)
    retry_policy_max_attempts = StringField("Attempts at most")
    retry_policy_interval_seconds = StringField("Wait, seconds")
    retry_policy_base_seconds = StringField("First wait, seconds")
    retry_policy_factor = StringField("Times")
    retry_policy_cap_seconds = StringField("Longest wait, seconds")
    retry_policy_jitter = StringField("Jitter, 0 to 1")
    retry_policy_delays_seconds = StringField("Waits, seconds")

    rate_limit_per_second = StringField("Deliveries a second at most")
    max_in_flight = StringField("In flight at most")
    ordered = BooleanField("Keep the order of each ordering key")
    once = BooleanField("Only the first event that matches")
    is_active = BooleanField("Active")
    signing = RadioField("Signature", choices=choices(SIGNING), validate_choice=False)
    secret = StringField("Signing secret of your own")
    metadata_json = TextAreaField("Metadata")
    sample = HiddenField()


def given(form: WebhookForm, existing: Webhook | None = None) -> dict[str, Any]:
    """What the form says, in the native API's fields."""
    is_custom = form.body_format.data == "custom"
    document: dict[str, Any] = {
        "preset": _text(form.preset),
        "name": (form.name.data or "").strip(),
        "url": (form.url.data or "").strip(),
        "description": (form.description.data or "").strip(),
        "method": (form.method.data or "").strip(),
        "body_format": _text(form.body_format),
        # Only a body of one's own has these.
        "body_expression": _text(form.body_expression) if is_custom else None,
        "body_encoding": _text(form.body_encoding) if is_custom else None,
        "filter": _text(form.filter),
        "sources": lines(form.sources.data) or None,
        "event_types": _event_types(form),
        "headers": _headers(form),
        "secret_header": _text(form.secret_header),
        "success_statuses": _parts(form.success_statuses.data),
        "timeout_seconds": number_or_text(form.timeout_seconds.data),
        "retry_policy": _policy(form),
        "rate_limit_per_second": number_or_text(form.rate_limit_per_second.data),
        "max_in_flight": number_or_text(form.max_in_flight.data),
        "signing": _text(form.signing),
        "ordered": form.ordered.data,
        "once": form.once.data,
        "is_active": form.is_active.data,
        "metadata": _metadata(form),
    }
    if existing is not None:
        # Pausing and resuming are verbs of their own.
        del document["is_active"]
    return document | _secrets(form, existing)


def _text(field: Field) -> str | None:
    return (field.data or "").strip() or None


def _parts(text: str | None) -> list[str]:
    return [part.strip() for part in (text or "").split(",") if part.strip()]


def _event_types(form: WebhookForm) -> list[str] | None:
    if form.takes.data != "some":
        return None
    named = [*(form.event_types.data or []), *lines(form.more_event_types.data)]
    return list(dict.fromkeys(named))


def _headers(form: WebhookForm) -> list[list[str]]:
    """A line without a colon is a name without a value, which the domain refuses by its name."""
    pairs = [line.partition(":") for line in lines(form.headers.data)]
    return [[name.strip(), value.strip()] for name, _, value in pairs]


def _policy(form: WebhookForm) -> dict[str, Any]:
    kind = form.retry_policy_kind.data
    document: dict[str, Any] = {"kind": kind}
    for name in POLICY_FIELDS.get(kind, ()):
        text = form[f"retry_policy_{name}"].data
        if name == "delays_seconds":
            document[name] = [number_or_text(part) for part in _parts(text)]
        elif (value := number_or_text(text)) is not None:
            document[name] = value
    return document


def _metadata(form: WebhookForm) -> Any:
    text = _text(form.metadata_json)
    try:
        return json.loads(text) if text else {}
    except (ValueError, RecursionError):
        return text


def _secrets(form: WebhookForm, existing: Webhook | None) -> dict[str, Any]:
    """An empty field keeps what is there, unless its removal is ticked."""
    document: dict[str, Any] = {}
    for name in KEPT:
        if text := _text(form[name]):
            document[name] = text
        elif existing is None or form[f"remove_{name}"].data:
            document[name] = None
    if existing is None and (secret := _text(form.secret)):
        document["secret"] = secret
    return document


def defaults(preset: Preset) -> dict[str, Any]:
    """The values with which a preset fills the form."""
    return {
        "method": preset.method,
        "body_format": preset.body_format,
        "body_encoding": preset.body_encoding,
        "secret_header": preset.secret_header or "",
        "success_statuses": ", ".join(preset.success_statuses),
        "timeout_seconds": f"{preset.timeout_seconds:g}",
        **policy_values(preset.retry_policy.document()),
    }


def policy_values(document: dict[str, Any]) -> dict[str, str]:
    values = {f"retry_policy_{name}": _shown(value) for name, value in document.items()}
    # A kind that is chosen later starts from something sensible.
    starting = {
        "max_attempts": "10", "interval_seconds": "60", "base_seconds": "5", "factor": "2",
        "cap_seconds": "3600", "jitter": "0", "delays_seconds": "5, 300, 1800, 7200",
    }  # fmt: skip
    return {f"retry_policy_{name}": value for name, value in starting.items()} | values


def _shown(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(_shown(item) for item in value)
    return f"{value:g}" if isinstance(value, int | float) else str(value)
