"""The form of a webhook, built from the declared settings."""

from collections.abc import Mapping
from itertools import groupby
from typing import Any, ClassVar

from wtforms import HiddenField

from app.domain.addresses.urls import check_url
from app.domain.common.errors import FieldError, Invalid
from app.domain.webhooks.credentials.authentication import with_stored
from app.domain.webhooks.presets import PRESETS
from app.domain.webhooks.settings.catalogue import BY_NAME, FROM_PRESET, PUBLIC, SETTINGS
from app.domain.webhooks.settings.completion import defaults
from app.domain.webhooks.settings.setting import PRESET, Setting
from app.models import Webhook
from app.services.webhooks.secret_headers import headers_of
from app.services.webhooks.settings import authentication_of
from app.web.common.forms import CallboardForm
from app.web.webhooks import authentication_widget
from app.web.webhooks.authentication_widget import MASKED
from app.web.webhooks.widgets import OMITTED, WIDGETS, Values, masked_headers


class WebhookForm(CallboardForm):
    """Everything is text until the domain reads it.

    previous_preset: the preset whose values the form was filled with. sample: the event type to
    preview.
    """

    renamed: ClassVar[Mapping[str, str]] = {
        "retry_policy": "retry_policy_kind",
        "authentication": "authentication_kind",
    }

    previous_preset = HiddenField()
    sample = HiddenField()


_guides: dict[str, str] = {}
for _setting in SETTINGS:
    for _name, _field in WIDGETS[_setting.widget].controls(_setting).items():
        setattr(WebhookForm, _name, _field)
        # Written from the same declaration by script/reference.
        _guides[_name] = f"reference/webhook-settings#{_setting.name}"
WebhookForm.guides = _guides


def document(form: WebhookForm, webhook: Webhook | None = None) -> dict[str, Any]:
    """Return the form as the native API's fields. webhook: the one to be changed, if any."""
    fields: dict[str, Any] = {}
    for setting in SETTINGS:
        if webhook is not None and setting.create_only:
            continue
        value = WIDGETS[setting.widget].read(form, setting)
        if not _is_shown(form, setting):
            value = OMITTED if setting.is_secret else None
        if value is not OMITTED:
            fields[setting.name] = value
    return fields


def _is_shown(form: WebhookForm, setting: Setting) -> bool:
    if setting.only_for is None:
        return True
    name, value = setting.only_for
    return bool(form[name].data == value)


def values_of(webhook: Webhook) -> Values:
    """The form's values for a webhook; its secrets are left out."""
    values: Values = {"previous_preset": [webhook.preset]}
    preset = defaults(webhook.preset)
    for setting in PUBLIC:
        value = getattr(webhook, setting.column)
        if value is None and setting.default is PRESET:
            value = preset[setting.column]
        values |= WIDGETS[setting.widget].fill(setting, value)
    public, secret = headers_of(webhook)
    headers = BY_NAME["headers"]
    return (
        values
        | WIDGETS[headers.widget].fill(headers, public)
        | masked_headers(name for name, _ in secret)
        | authentication_widget.masked(BY_NAME["authentication"], authentication_of(webhook))
    )


def with_stored_values(fields: dict[str, Any], webhook: Webhook) -> dict[str, Any]:
    """`fields` with the stored values of what the form shows masked. Invalid: a header that is not
    stored, or a stored secret that another server would get."""
    if fields.get("authentication"):
        stored = authentication_of(webhook)
        filled = with_stored(
            fields["authentication"], stored, MASKED, is_moved=_is_moved(fields["url"], webhook.url)
        )
        fields = fields | {"authentication": filled}
    return _with_stored_headers(fields, webhook)


def _is_moved(after: object, before: str) -> bool:
    """Whether the form names another host; an invalid URL is reported later."""
    try:
        return check_url(after).origin != check_url(before).origin
    except Invalid:
        return False


def _with_stored_headers(fields: dict[str, Any], webhook: Webhook) -> dict[str, Any]:
    pairs = fields.get("secret_headers")
    if not pairs:
        return fields
    stored = {name.lower(): value for name, value in headers_of(webhook)[1]}
    filled, errors = [], []
    for name, value in pairs:
        known = stored.get(name.lower()) if value == MASKED else value
        if known is None:
            problem = f"No value of {name[:60]} is stored."
            errors.append(FieldError("secret_headers", "required", problem, "Enter its value."))
        filled.append([name, known])
    if errors:
        raise Invalid(errors)
    return fields | {"secret_headers": filled}


def new_values(preset: str) -> Values:
    values: Values = {"previous_preset": [preset]}
    settings = defaults(preset)
    for setting in PUBLIC:
        if setting.column in settings:
            values |= WIDGETS[setting.widget].fill(setting, settings[setting.column])
    selected = list(PRESETS[preset].selected) or None
    event_types = BY_NAME["event_types"]
    return values | WIDGETS[event_types.widget].fill(event_types, selected)


def preset_values(preset: str) -> Values:
    """The values that change with the preset."""
    values: Values = {}
    settings = defaults(preset)
    for setting in FROM_PRESET:
        values |= WIDGETS[setting.widget].fill(setting, settings[setting.column])
    return values


def rows(settings: tuple[Setting, ...], *, is_new: bool) -> list[list[Setting]]:
    """Group settings into the form's rows: two of half width side by side, others alone."""
    shown = [setting for setting in settings if is_new or not setting.create_only]
    grouped: list[list[Setting]] = []
    for (is_half, _), group in groupby(shown, lambda s: (s.half_width, s.only_for)):
        members = list(group)
        size = 2 if is_half else 1
        grouped += [members[start : start + size] for start in range(0, len(members), size)]
    return grouped
