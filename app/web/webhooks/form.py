"""The form of a webhook, built from the declared settings."""

from collections.abc import Mapping
from itertools import groupby
from typing import Any, ClassVar

from wtforms import HiddenField

from app.domain.webhooks.settings.catalogue import FROM_PRESET, PUBLIC, SETTINGS
from app.domain.webhooks.settings.completion import defaults
from app.domain.webhooks.settings.setting import PRESET, Setting
from app.models import Webhook
from app.web.common.forms import CallboardForm
from app.web.webhooks.widgets import OMITTED, WIDGETS, Values


class WebhookForm(CallboardForm):
    """Everything is text until the domain reads it.

    previous_preset: the preset whose values the form was filled with. sample: the event type to
    preview.
    """

    renamed: ClassVar[Mapping[str, str]] = {"retry_policy": "retry_policy_kind"}

    previous_preset = HiddenField()
    sample = HiddenField()


for _setting in SETTINGS:
    for _name, _field in WIDGETS[_setting.widget].controls(_setting).items():
        setattr(WebhookForm, _name, _field)


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
    return values


def new_values(preset: str) -> Values:
    values: Values = {"previous_preset": [preset]}
    settings = defaults(preset)
    for setting in PUBLIC:
        if setting.column in settings:
            values |= WIDGETS[setting.widget].fill(setting, settings[setting.column])
    return values


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
