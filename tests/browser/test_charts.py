"""What a pointer and a keyboard can do with a chart."""

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import Open
from tests.browser.support.site import Site


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


def test_a_bar_opens_the_deliveries_of_its_time(site: Site, open_page: Open) -> None:
    page = open_page("/?range=7d")
    point(page, 0.5)
    page.mouse.down()
    page.mouse.up()
    page.wait_for_url(re.compile(r"/deliveries\?since=.*&until="))


def test_dragging_over_bars_opens_their_time_range(site: Site, open_page: Open) -> None:
    page = open_page("/?range=7d")
    bars = page.locator(".bar")
    first, last = bars.nth(20).get_attribute("data-since"), bars.nth(41).get_attribute("data-until")
    point(page, 20.5 / 84)
    page.mouse.down()
    point(page, 41.5 / 84)
    page.mouse.up()
    page.wait_for_url("**/deliveries?*")
    asked = page.evaluate("Object.fromEntries(new URLSearchParams(location.search))")
    assert (asked["since"], asked["until"]) == (first, last)


def test_arrow_keys_move_between_bars(site: Site, open_page: Open) -> None:
    page = open_page("/")
    page.locator("[data-plot]").focus()
    page.keyboard.press("ArrowLeft")
    focused = page.locator(".bar:focus")
    expect(focused).to_have_attribute("aria-label", re.compile(r"succeeded|no deliveries"))
    newest = focused.get_attribute("data-start")
    page.keyboard.press("ArrowLeft")
    assert page.locator(".bar:focus").get_attribute("data-start") < newest
    expect(page.locator("[data-tip]")).to_be_visible()
    page.keyboard.press("Enter")
    page.wait_for_url("**/deliveries?*")


def test_the_axis_is_in_the_browsers_time_zone(site: Site, open_page: Open) -> None:
    here = open_page("/", timezone_id="UTC").locator("[data-stamp]").first.text_content()
    there = open_page("/", timezone_id="Asia/Kolkata").locator("[data-stamp]").first.text_content()
    assert str(here).endswith(":00")
    assert str(there).endswith(":30")


def test_a_chart_works_without_scripts(site: Site, open_page: Open) -> None:
    page = open_page("/", java_script_enabled=False)
    page.locator(".chart-table summary").click()
    page.locator(".chart-table a").first.click()
    page.wait_for_url("**/deliveries?*")
