"""Every declared setting can be entered in the browser, is stored, and is shown again."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from app.domain.webhooks.settings.catalogue import BY_NAME, SETTINGS
from app.domain.webhooks.settings.completion import defaults
from app.domain.webhooks.settings.setting import Setting
from app.queries import webhooks as webhook_queries
from app.services.webhooks import service as webhook_service
from app.web.webhooks.widgets import WIDGETS, masked_headers
from tests.browser.conftest import Open
from tests.browser.form_controls import Values, enter, shown
from tests.browser.site import Site
from tests.services.publishing import webhook

FORM = "#webhook-form"
WEBHOOK_PAGE = re.compile(r"/webhooks/[0-9a-f-]{36}$")
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
    open_page: Open, site: Site, setting: Setting, value: Any
) -> None:
    # Of the example's event types, this preset offers one to tick; the other has to be typed.
    page = open_page(f"/webhooks/new?preset={other_preset(setting)}")
    page.fill("#url", "https://example.com/form")
    expected = fill_in(page, setting, value)
    page.get_by_role("button", name="Create webhook").click()
    expect(page).to_have_url(WEBHOOK_PAGE)
    webhook_id = page.url.rpartition("/")[2]
    assert stored(site, webhook_id, setting) == setting.type.check(value, setting.name)
    if not setting.create_only:
        page.goto(f"/webhooks/{webhook_id}/edit")
        assert shown(page, FORM, list(expected)) == expected


@pytest.mark.parametrize(("setting", "value"), EDITED, ids=named)
def test_a_setting_of_an_existing_webhook_is_changed(
    open_page: Open, site: Site, setting: Setting, value: Any
) -> None:
    with site.app.app_context():
        webhook_id = webhook(site.organization_id, preset=other_preset(setting))
    page = open_page(f"/webhooks/{webhook_id}/edit")
    expected = fill_in(page, setting, value)
    page.get_by_role("button", name="Save", exact=True).last.click()
    expect(page).to_have_url(WEBHOOK_PAGE)
    assert stored(site, webhook_id, setting) == setting.type.check(value, setting.name)
    page.goto(f"/webhooks/{webhook_id}/edit")
    assert shown(page, FORM, list(expected)) == expected


def other_preset(setting: Setting) -> str:
    """Return a preset by which the setting does not have the example's value anyway."""
    presets = [name for name in ("encoding", "standard") if differs(name, setting)]
    return presets[0]


def differs(preset: str, setting: Setting) -> bool:
    stored_example = setting.type.check(setting.example, setting.name)
    return defaults(preset).get(setting.column) != stored_example


def fill_in(page: Page, setting: Setting, value: Any) -> Values:
    """Enter the value; return what the form must show once it is saved."""
    for fold in page.locator(f"{FORM} details:not([open]) summary").all():
        fold.click()
    if setting.only_for is not None:
        enter(page, FORM, {setting.only_for[0]: [setting.only_for[1]]})
    if setting.widget == "secret_headers":
        enter(page, FORM, WIDGETS[setting.widget].fill(setting, value))
        return masked_headers(value)
    if setting.is_secret:
        enter(page, FORM, {setting.name: [value]})
        return {setting.name: [""]}
    values = WIDGETS[setting.widget].fill(setting, value)
    enter(page, FORM, values)
    if setting.name == "preset":
        # The script replaces the form by one with the new preset's defaults.
        expect(page.locator("[name=previous_preset]")).to_have_value(value)
    return values


def stored(site: Site, webhook_id: str, setting: Setting) -> Any:
    with site.app.app_context():
        if setting.secrecy == "write_only":
            return webhook_service.secrets_of(site.organization_id, webhook_id).current
        if setting.is_secret:
            secrets = webhook_service.secrets_of(site.organization_id, webhook_id)
            secret = getattr(secrets, setting.name)
            return [list(pair) for pair in secret.items()] if isinstance(secret, dict) else secret
        row = webhook_queries.get(site.organization_id, webhook_id)
        assert row is not None
        return getattr(row, setting.column)
