"""Every declared setting of a webhook can be entered in the form, is stored, and is shown again."""

from typing import Any

import pytest

from app.domain.webhooks.settings.catalogue import BY_NAME, SETTINGS
from app.domain.webhooks.settings.completion import defaults
from app.domain.webhooks.settings.setting import Setting
from app.queries import webhooks as webhook_queries
from app.services.webhooks import service as webhook_service
from app.web.webhooks import authentication_widget
from app.web.webhooks.widgets import WIDGETS, masked_headers
from tests.services.publishing import webhook
from tests.web.forms.controls import HtmlForm, Values
from tests.web.forms.form_fields import World, form_on

POLICIES = [
    {"kind": "fixed", "interval_seconds": 7, "max_attempts": 3},
    {"kind": "cubic", "max_attempts": 6, "cap_seconds": 120},
    {"kind": "schedule", "delays_seconds": [1, 30, 2.5]},
]
CASES = [(setting, setting.example) for setting in SETTINGS]
CASES += [(BY_NAME["retry_policy"], policy) for policy in POLICIES]
CASES += [(BY_NAME["signing"], "none"), (BY_NAME["event_types"], ["encoding.started"])]
EDITED = [(setting, value) for setting, value in CASES if not setting.create_only]


def named(value: Any) -> str:
    return value.name if isinstance(value, Setting) else ""


@pytest.mark.parametrize(("setting", "value"), CASES, ids=named)
def test_a_setting_of_a_new_webhook_is_saved(
    shared_world: World, setting: Setting, value: Any
) -> None:
    path = f"/webhooks/new?preset={other_preset(setting)}"
    sent = entered(form_on(shared_world.visitor, path, None), setting, value)
    sent["url"] = sent["url"] if setting.name == "url" else ["https://example.com/form"]
    webhook_id = saved(shared_world, "/webhooks/new", sent, setting)
    assert stored(shared_world, webhook_id, setting) == setting.type.check(value, setting.name)
    if not setting.create_only:
        assert_shown(shared_world, webhook_id, setting, value)


@pytest.mark.parametrize(("setting", "value"), EDITED, ids=named)
def test_a_setting_of_an_existing_webhook_is_changed(
    shared_world: World, setting: Setting, value: Any
) -> None:
    webhook_id = webhook(shared_world.organization_id, preset=other_preset(setting))
    path = f"/webhooks/{webhook_id}/edit"
    sent = entered(form_on(shared_world.visitor, path, None), setting, value)
    saved(shared_world, path, sent, setting)
    assert stored(shared_world, webhook_id, setting) == setting.type.check(value, setting.name)
    assert_shown(shared_world, webhook_id, setting, value)


def other_preset(setting: Setting) -> str:
    """Return a preset by which the setting does not have the example's value anyway."""
    example = setting.type.check(setting.example, setting.name)
    presets = ("encoding", "standard")
    return next(name for name in presets if defaults(name).get(setting.column) != example)


def entered(form: HtmlForm, setting: Setting, value: Any) -> Values:
    """The form with the value. Event types that it does not offer go into the field for others."""
    sent = form.values()
    if setting.only_for is not None:
        sent[setting.only_for[0]] = [setting.only_for[1]]
    values = WIDGETS[setting.widget].fill(setting, value)
    if setting.is_secret and setting.widget in ("secret", "pem"):
        values = {setting.name: [value]}
    assert values.keys() <= form.controls.keys()
    sent |= values
    if f"{setting.name}_more" in form.controls:
        offered = form.controls[setting.name].options
        sent[f"{setting.name}_more"] = ["\n".join(set(sent[setting.name]) - set(offered))]
        sent[setting.name] = [name for name in sent[setting.name] if name in offered]
    return sent


def saved(world: World, path: str, sent: Values, setting: Setting) -> str:
    """The webhook's id. Another preset fills the form again before it is saved."""
    response = world.visitor.send(path, **sent)
    if setting.name == "preset":
        assert response.status_code == 200
        sent["previous_preset"] = sent["preset"]
        response = world.visitor.send(path, **sent)
    assert response.status_code == 303, response.text
    return str(response.location.rpartition("/")[2])


def assert_shown(world: World, webhook_id: str, setting: Setting, value: Any) -> None:
    form = form_on(world.visitor, f"/webhooks/{webhook_id}/edit", None)
    if setting.widget == "secret_headers":
        expected = masked_headers(value)
    elif setting.widget == "authentication":
        expected = authentication_widget.masked(setting, value)
    elif setting.is_secret:
        expected = {setting.name: [""]}
    else:
        expected = WIDGETS[setting.widget].fill(setting, value)
    shown = {name: form.controls[name].values for name in expected}
    assert {name: sorted(values) for name, values in shown.items()} == {
        name: sorted(values) for name, values in expected.items()
    }


def stored(world: World, webhook_id: str, setting: Setting) -> Any:
    if setting.secrecy == "write_only":
        return webhook_service.secrets_of(world.organization_id, webhook_id).current
    if setting.is_secret:
        secrets = webhook_service.secrets_of(world.organization_id, webhook_id)
        secret = getattr(secrets, setting.name)
        is_pairs = setting.widget == "secret_headers"
        return [list(pair) for pair in secret.items()] if is_pairs else secret
    row = webhook_queries.get(world.organization_id, webhook_id)
    assert row is not None
    return getattr(row, setting.column)
