"""Every kind of control can be used in a real browser: fill in, save, reload, compare.

That each field is saved is tested without a browser, in tests/web/forms.
"""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from app.domain.webhooks.settings.catalogue import BY_NAME, SETTINGS
from app.domain.webhooks.settings.setting import Setting
from app.web.webhooks import authentication_widget
from app.web.webhooks.widgets import WIDGETS, masked_headers
from tests.browser.conftest import Open
from tests.browser.support.form_controls import Values, enter, shown
from tests.browser.support.site import Site
from tests.services.publishing import webhook

FORM = "#webhook-form"
WEBHOOK_PAGE = re.compile(r"/webhooks/[0-9a-f-]{36}$")
# These decide which other controls there are.
SWITCHES = ("signing", "body_format")
# Of each widget one setting, besides those that need another value of a switch.
BY_WIDGET = {setting.widget: setting for setting in reversed(SETTINGS) if not setting.only_for}
USED = [setting for setting in BY_WIDGET.values() if setting.name not in (*SWITCHES, "preset")]


def test_every_widget_of_a_new_webhook_is_saved(open_page: Open) -> None:
    # Of the example's event types, this preset offers one to tick; the other has to be typed.
    page = open_page("/webhooks/new?preset=encoding")
    unfold(page)
    expected: Values = {}
    for setting in USED:
        value = "https://example.com/form" if setting.name == "url" else setting.example
        expected |= entered(page, setting, value)
    page.get_by_role("button", name="Create webhook").click()
    expect(page).to_have_url(WEBHOOK_PAGE)
    page.goto(f"{page.url}/edit")
    assert shown(page, FORM, list(expected)) == expected


@pytest.mark.parametrize(
    "name",
    ["preset", *(pytest.param(name, marks=pytest.mark.long) for name in SWITCHES), "retry_policy"],
)
def test_a_control_that_changes_the_form_is_saved(open_page: Open, site: Site, name: str) -> None:
    setting = BY_NAME[name]
    with site.app.app_context():
        webhook_id = webhook(site.organization_id)
    page = open_page(f"/webhooks/{webhook_id}/edit")
    unfold(page)
    value = {"signing": "none", "preset": "encoding"}.get(name, setting.example)
    expected = entered(page, setting, value)
    if name == "preset":
        # The script replaces the form by one with the new preset's defaults.
        expect(page.locator("[name=previous_preset]")).to_have_value(value)
    page.get_by_role("button", name="Save", exact=True).last.click()
    expect(page).to_have_url(WEBHOOK_PAGE)
    page.goto(f"/webhooks/{webhook_id}/edit")
    assert shown(page, FORM, list(expected)) == expected


def test_radio_buttons_ticks_and_selects_of_other_forms_are_saved(open_page: Open) -> None:
    page = open_page("/settings/api-keys")
    form = "form[action='/settings/api-keys']"
    scopes = ["events:write", "deliveries:read"]
    enter(page, form, {"name": ["Encoders"], "access": ["some"], "scopes": scopes})
    enter(page, form, {"lifetime": ["30"], "allowed_networks": ["192.0.2.0/24\n198.51.100.7"]})
    page.get_by_role("button", name="Create API key").click()
    row = page.get_by_role("row", name="Encoders")
    expect(row).to_contain_text("events:write, deliveries:read")
    expect(row).to_contain_text("from 192.0.2.0/24, 198.51.100.7")


def unfold(page: Page) -> None:
    for fold in page.locator(f"{FORM} details:not([open]) summary").all():
        fold.click()


def entered(page: Page, setting: Setting, value: Any) -> Values:
    """Enter the value; return what the form must show once it is saved."""
    if setting.widget == "secret":
        enter(page, FORM, {setting.name: [value]})
        return {setting.name: [""]}
    values = WIDGETS[setting.widget].fill(setting, value)
    enter(page, FORM, values)
    if setting.widget == "authentication":
        return authentication_widget.masked(setting, value)
    return masked_headers(value) if setting.widget == "secret_headers" else values
