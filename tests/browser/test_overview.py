"""What a pointer and a keyboard can do with a chart, and what is in sight above it."""

import re
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, Route, expect

from app.domain.common.clock import now_ms
from app.models import Organization, WebhookState
from app.store.transaction import write_transaction
from tests.browser.conftest import Open
from tests.browser.support.site import Site
from tests.browser.test_every_page import wrong_with

PHONE, LAPTOP = (390, 844), (1280, 720)
# The height of a phone's bar of links, at the bottom.
BAR = 56


def point(page: Page, share: float) -> None:
    """Move to a part of the chart's width."""
    box = page.locator("[data-plot]").bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] * share, box["y"] + 100)


def test_hovering_over_a_bar_shows_its_values(site: Site, open_page: Open) -> None:
    page = open_page("/")
    expect(page.locator("[data-tip]")).to_be_hidden()
    point(page, 0.5)
    tip = page.locator("[data-tip]")
    expect(tip).to_be_visible()
    expect(tip).to_contain_text(re.compile(r"\d+ \w+, \d\d:\d\d to \d\d:\d\dSucceeded\d"))


def test_a_bar_opens_the_attempts_of_its_time(site: Site, open_page: Open) -> None:
    page = open_page("/?range=7d")
    point(page, 0.5)
    page.mouse.down()
    page.mouse.up()
    page.wait_for_url(re.compile(r"/attempts\?.*since=.*&until="))


def test_dragging_over_bars_opens_their_time_range(site: Site, open_page: Open) -> None:
    page = open_page("/?range=7d")
    bars = page.locator(".bar")
    urls = [bars.nth(index).get_attribute("href") or "" for index in (20, 41)]
    [first], [last] = (
        parse_qs(urlsplit(url).query)[name]
        for url, name in zip(urls, ("since", "until"), strict=True)
    )
    point(page, 20.5 / 84)
    page.mouse.down()
    point(page, 41.5 / 84)
    page.mouse.up()
    page.wait_for_url("**/attempts?*")
    asked = page.evaluate("Object.fromEntries(new URLSearchParams(location.search))")
    assert (asked["since"], asked["until"]) == (first, last)


def test_arrow_keys_move_between_bars(site: Site, open_page: Open) -> None:
    page = open_page("/")
    page.locator("[data-plot]").focus()
    page.keyboard.press("ArrowLeft")
    focused = page.locator(".bar:focus")
    expect(focused).to_have_attribute(
        "aria-label", re.compile(r"succeeded|no attempts|no deliveries")
    )
    newest = focused.get_attribute("data-start")
    page.keyboard.press("ArrowLeft")
    assert page.locator(".bar:focus").get_attribute("data-start") < newest
    expect(page.locator("[data-tip]")).to_be_visible()
    page.keyboard.press("Enter")
    page.wait_for_url("**/attempts?*")


def test_the_axis_is_in_the_browsers_time_zone(site: Site, open_page: Open) -> None:
    here = open_page("/", timezone_id="UTC").locator("[data-stamp]").first.text_content()
    there = open_page("/", timezone_id="Asia/Kolkata").locator("[data-stamp]").first.text_content()
    assert str(here).endswith(":00")
    assert str(there).endswith(":30")


def test_a_chart_works_without_scripts(site: Site, open_page: Open) -> None:
    page = open_page("/", java_script_enabled=False)
    page.locator(".chart-table summary").click()
    page.locator(".chart-table a").first.click()
    page.wait_for_url("**/attempts?*")


def _fail(site: Site, name: str, number: int, since: int | None) -> None:
    with site.app.app_context(), write_transaction() as session:
        state = session.get_one(WebhookState, site.hooks[name])
        state.consecutive_failures, state.failing_since = number, since
        state.last_failure_cause = "status" if since else None


@pytest.fixture
def three_troubles(site: Site) -> Iterator[None]:
    _fail(site, "ordered", 4, now_ms() - 7_200_000)
    yield
    _fail(site, "ordered", 0, None)


@pytest.fixture
def first_steps(site: Site) -> Iterator[None]:
    def hide(at: int | None) -> None:
        with site.app.app_context(), write_transaction() as session:
            session.get_one(Organization, site.organization_id).first_steps_hidden_at = at

    hide(None)
    yield
    hide(now_ms())


@pytest.mark.usefixtures("three_troubles", "first_steps")
def test_figures_are_in_sight_below_three_troubles(open_page: Open) -> None:
    page = open_page("/", width=LAPTOP[0])
    # With the note that these tests may call private addresses, and before the first steps.
    expect(page.get_by_role("note")).to_be_visible()
    expect(page.locator("#start")).to_be_attached()
    # Those that other tests have left.
    page.locator(".trouble").evaluate_all("rows => rows.slice(3).forEach(row => row.remove())")
    for (width, height), shown, in_sight, bar in ((LAPTOP, 3, 8, 0), (PHONE, 2, 4, BAR)):
        page.set_viewport_size({"width": width, "height": height})
        assert page.locator(".trouble:visible").count() == shown
        assert page.locator(".trouble-more:visible").count() == (shown < 3)
        last = page.locator(".tile").nth(in_sight - 1).bounding_box()
        assert last
        assert last["y"] + last["height"] <= height - bar
        assert wrong_with(page) == []


def refresh(page: Page) -> None:
    """What the page does every fifteen seconds."""
    page.evaluate(
        """() => new Promise(done => {
            document.addEventListener("htmx:afterSettle", () => done(), {once: true})
            htmx.trigger("#overview", "refresh")
        })"""
    )


def now_and_then(route: Route) -> None:
    response = route.fetch()
    route.fulfill(response=response, body=response.text().replace("every 15s", "refresh"))


@pytest.fixture
def overview(open_page: Open, site: Site) -> Page:
    """Refreshed when a test says so."""
    page = open_page("/settings/account")
    page.route(re.compile(rf"^{site.url}/(\?.*)?$"), now_and_then)
    page.goto("/")
    return page


@pytest.mark.usefixtures("three_troubles")
def test_a_refresh_keeps_the_focus_what_is_open_and_the_place(overview: Page) -> None:
    page = overview
    table = page.locator(".chart-table").first
    table.locator("summary").press("Enter")
    button = page.locator(".trouble").get_by_role("button", name="Send test").first
    button.focus()
    refresh(page)
    expect(button).to_be_focused()
    expect(table).to_have_attribute("open", "")

    page.locator(".chart-table a").first.focus()
    page.locator(".breakdown").first.scroll_into_view_if_needed()
    page.locator(".trouble").last.evaluate("row => row.remove()")
    shorter = page.locator(".breakdown").first.bounding_box() or {}
    refresh(page)
    expect(page.locator(".chart-table a").first).to_be_focused()
    moved = page.locator(".breakdown").first.bounding_box() or {}
    assert abs(moved["y"] - shorter["y"]) < 1


def test_the_focus_stays_in_a_part_whose_button_has_gone(overview: Page) -> None:
    page = overview
    row = "<tr id=x><td><button>Gone</button></td></tr>"
    page.locator(".trouble").first.evaluate(f"row => row.insertAdjacentHTML('afterend', '{row}')")
    page.get_by_role("button", name="Gone").focus()
    refresh(page)
    expect(page.locator("#overview")).to_be_focused()
