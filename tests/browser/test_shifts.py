"""Nothing moves while a page loads, and an error goes with its correction."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Open
from tests.browser.support.site import Site

PATHS = (
    "/",
    "/webhooks",
    "/webhooks/{hooks[healthy]}",
    "/webhooks/{hooks[failing]}",
    "/deliveries",
    "/attempts",
    "/deliveries/{deliveries[retrying]}",
    "/deliveries/{deliveries[failed]}",
    "/events",
    "/events/{event_id}",
    "/jobs",
    "/issues",
)
MOST = 0.02
# Shifts are reported a frame after they were drawn.
SHIFT = """() => new Promise(done => {
    let sum = 0
    new PerformanceObserver(list => list.getEntries().forEach(entry => { sum += entry.value }))
        .observe({type: "layout-shift", buffered: true})
    requestAnimationFrame(() => requestAnimationFrame(() => requestAnimationFrame(() => done(sum))))
})"""


def shift(page: Page) -> float:
    moved: float = page.evaluate(SHIFT)
    return moved


@pytest.mark.timeout(240)
@pytest.mark.parametrize(
    ("width", "zone"),
    [
        pytest.param(1440, "America/Los_Angeles", marks=pytest.mark.long),
        (390, "Asia/Kolkata"),
        pytest.param(1440, "Asia/Kolkata", marks=pytest.mark.long),
        pytest.param(390, "America/Los_Angeles", marks=pytest.mark.long),
    ],
)
def test_pages_do_not_shift_while_they_load(
    open_page: Open, site: Site, width: int, zone: str
) -> None:
    # The first page tells the zone, as the page for signing in does.
    page = open_page("/settings/account", width=width, timezone_id=zone)
    moved = {}
    for path in PATHS:
        page.goto(path.format_map(vars(site)))
        moved[path] = shift(page)
    assert {path: sum_ for path, sum_ in moved.items() if sum_ >= MOST} == {}


def test_an_error_disappears_with_its_correction(open_page: Open) -> None:
    page = open_page("/webhooks/new?preset=standard")
    page.fill("#url", "ftp://x")
    page.get_by_role("button", name="Create webhook").click()
    expect(page.locator("#url-error")).to_be_visible()
    expect(page.locator("#url")).to_have_class("form-control mono is-invalid")
    page.fill("#url", "https://example.com/")
    expect(page.locator("#url-error")).to_have_count(0)
    expect(page.locator("#url")).to_have_class("form-control mono")
    assert page.locator("#url").get_attribute("aria-invalid") is None
