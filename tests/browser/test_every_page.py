"""Each page, light and dark, wide and narrow: readable by everybody, never sideways."""

from collections.abc import Callable
from importlib.resources import files
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Open
from tests.browser.support.looks import EVERY_LOOK
from tests.browser.support.site import Site

PATHS = {
    "overview": "/",
    "overview-month": "/?range=30d",
    "failures": "/issues",
    "failures-resend": "/issues/resend?webhook_id={hooks[failing]}&cause=status&status=503",
    "deliveries": "/deliveries?status=5xx",
    "deliveries-all": "/deliveries",
    "deliveries-view": "/deliveries?state=failed&range=24h",
    "deliveries-resend": "/deliveries/resend?state=failed",
    "deliveries-cancel": "/deliveries/cancel?state=failed",
    "deliveries-none": "/deliveries?q=nothing-like-it",
    "deliveries-wrong": "/deliveries?status=abc",
    "attempts": "/attempts",
    "attempts-failed": "/attempts?outcome=failed&status=5xx&slower=1&test=no&range=24h",
    "attempts-none": "/attempts?source=nothing-like-it",
    "attempts-wrong": "/attempts?status=abc&outcome=lost",
    "delivery-failed": "/deliveries/{deliveries[failed]}?compare=1,3",
    "delivery-retrying": "/deliveries/{deliveries[retrying]}",
    "delivery-waits": "/deliveries/{deliveries[waits]}?state=pending",
    "delivery-first": "/deliveries/{deliveries[first]}",
    "delivery-form": "/deliveries/{deliveries[form]}",
    "events": "/events",
    "event": "/events/{event_id}",
    "event-new": "/events/new",
    "webhooks": "/webhooks",
    "webhooks-none": "/webhooks?q=" + "z" * 400,
    "webhooks-wrong": "/webhooks?state=broken",
    "webhook-presets": "/webhooks/new",
    "webhook-new": "/webhooks/new?preset=custom",
    "webhook-edit": "/webhooks/{hooks[form]}/edit",
    "webhook-healthy": "/webhooks/{hooks[healthy]}",
    "webhook-failing": "/webhooks/{hooks[failing]}",
    "webhook-paused": "/webhooks/{hooks[paused]}",
    "webhook-test": "/webhooks/{hooks[healthy]}/test",
    "first-steps": "/first-steps",
    "webhook-rotate": "/webhooks/{hooks[healthy]}/rotate-secret",
    "webhook-delete": "/webhooks/{hooks[healthy]}/delete",
    "settings": "/settings",
    "members": "/settings/members",
    "api-keys": "/settings/api-keys",
    "account": "/settings/account",
    "import": "/settings/import",
    "guides": "/guides",
    "guide": "/guides/dashboard",
    "api-reference": "/api-reference",
    "api-operation": "/api-reference/createEvent",
    "error": "/nothing",
}
# One of each kind: what script/test looks at, each in one of two looks.
SOME = (
    "overview",
    "failures",
    "deliveries",
    "deliveries-resend",
    "attempts",
    "delivery-failed",
    "event",
    "event-new",
    "webhooks",
    "webhooks-none",
    "webhook-new",
    "webhook-failing",
    "settings",
    "members",
)
WIDE, NARROW = 1440, 390
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# A page in other colours is the same page but for these.
RULES_OF_COLOUR = ["color-contrast", "link-in-text-block"]
# Of a page, beside the base that is cached; nothing of it is compressed yet.
LARGEST = 150_000


def faults(page: Page, rules: list[str] = RULES) -> list[str]:
    """What axe-core finds, run beside the page's own scripts so that its policy holds."""
    devtools = page.context.new_cdp_session(page)
    axe = (files("axe_playwright_python") / "axe.min.js").read_text()
    devtools.send("Runtime.evaluate", {"expression": axe})
    run = (
        f"axe.run(document, {{runOnly: {rules}}}).then(found => found.violations.map(fault =>"
        " `${fault.id}: ${fault.nodes.map(node => node.html).join(' | ')}`))"
    )
    result: Any = devtools.send(
        "Runtime.evaluate", {"expression": run, "awaitPromise": True, "returnByValue": True}
    )
    violations: list[str] = result["result"]["value"]
    return violations


def overhang(page: Page) -> list[str]:
    """By how many pixels the page is wider than the screen; a wide one also on a phone."""
    size = page.viewport_size
    assert size
    wrong = _too_wide(page, size["width"])
    if size["width"] == WIDE:
        page.set_viewport_size({"width": NARROW, "height": 844})
        wrong += _too_wide(page, NARROW)
        page.set_viewport_size(size)
    return wrong


def _too_wide(page: Page, width: int) -> list[str]:
    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    return [f"{wide} px too wide for {width}"] if wide > 0 else []


def rules_of(theme: str) -> list[str]:
    return RULES if theme == "light" else RULES_OF_COLOUR


def wrong_with(page: Page, rules: list[str] = RULES) -> list[str]:
    """Of the page that is open, once it is there."""
    page.wait_for_load_state()
    # What scrolls below the bar that stays in sight is not too small.
    page.locator(".form-actions").evaluate_all(
        "bars => bars.forEach(b => b.style.position = 'static')"
    )
    return [*faults(page, rules), *overhang(page)]


def wrong_at(page: Page, path: str, rules: list[str] = RULES, *, status: int = 200) -> list[str]:
    """Goes there. What is wrong with it, and with the answer itself."""
    response = page.goto(path)
    assert response is not None
    size = len(response.body())
    return [
        *([f"status {response.status}"] if response.status != status else []),
        *([f"{size} bytes"] if size > LARGEST else []),
        *wrong_with(page, rules),
    ]


@pytest.mark.timeout(240)
@EVERY_LOOK
def test_every_page_is_accessible_and_fits_the_screen(
    site: Site,
    open_page: Open,
    keep: Callable[[Page, str], None],
    theme: str,
    width: int,
) -> None:
    page = open_page("/", theme=theme, width=width)
    faults_by_page = {}
    for name, path in PATHS.items():
        status = 404 if name == "error" else 200
        faults_by_page[name] = wrong_at(
            page, path.format_map(vars(site)), rules_of(theme), status=status
        )
        keep(page, f"{name}-{theme}-{width}")
    assert {name: wrong for name, wrong in faults_by_page.items() if wrong} == {}


@pytest.mark.timeout(240)
@pytest.mark.parametrize(
    ("theme", "width", "names"),
    [("light", WIDE, SOME[::2]), ("dark", NARROW, SOME[1::2])],
    ids=["light", "dark"],
)
def test_a_page_of_each_kind_is_accessible(
    site: Site, open_page: Open, theme: str, width: int, names: tuple[str, ...]
) -> None:
    page = open_page("/", theme=theme, width=width)
    wrong = {name: wrong_at(page, PATHS[name].format_map(vars(site))) for name in names}
    assert {name: faults for name, faults in wrong.items() if faults} == {}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_sign_in_page_is_accessible(site: Site, open_page: Open, theme: str) -> None:
    page = open_page("/", theme=theme, width=390)
    page.context.clear_cookies()
    assert wrong_at(page, "/sign-in", rules_of(theme)) == []
