"""What a person does at the pages, with a pointer, with the keyboard, and without scripts."""

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from app.models import Delivery
from app.store.transaction import write_transaction
from tests.browser.conftest import Open
from tests.browser.support.looks import EVERY_LOOK
from tests.browser.support.searched import ASSET, failed_delivery
from tests.browser.support.site import EMAIL, Site
from tests.browser.test_every_page import rules_of, wrong_with
from tests.services.people import PASSWORD
from tests.web.records import delivery


@pytest.fixture
def fresh(site: Site) -> str:
    """A failed delivery that a test may change."""
    with site.app.app_context():
        return delivery(site.organization_id, site.hooks["healthy"])


def test_the_slash_key_opens_the_search(open_page: Open) -> None:
    page = open_page("/")
    page.keyboard.press("/")
    expect(page.get_by_role("dialog", name="Search").get_by_role("combobox")).to_be_focused()


def test_j_and_k_move_between_rows_and_enter_opens_one(open_page: Open) -> None:
    page = open_page("/deliveries")
    for key in ("j", "j", "k"):
        page.keyboard.press(key)
    first = page.locator(".row-link").first
    expect(first).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url("**/deliveries/*-*")


def test_the_question_mark_key_shows_the_shortcuts(open_page: Open) -> None:
    page = open_page("/")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_hidden()


def test_the_r_key_resends_the_open_delivery(open_page: Open, fresh: str) -> None:
    page = open_page(f"/deliveries/{fresh}")
    page.keyboard.press("r")
    expect(page.locator(".flash-success")).to_contain_text(
        "Queued. The receiver sees the same webhook-id."
    )


def test_shortcuts_are_ignored_in_text_fields(open_page: Open) -> None:
    page = open_page("/webhooks/new?preset=standard")
    page.fill("#name", "")
    page.locator("#name").press_sequentially("jerk?/")
    expect(page.locator("#name")).to_have_value("jerk?/")


def test_the_preview_follows_the_form(open_page: Open) -> None:
    page = open_page("/webhooks/new?preset=standard")
    page.fill("#url", "https://hooks.example.com/in")
    expect(page.locator("#preview")).to_contain_text("POST https://hooks.example.com/in")
    page.select_option("#retry_policy_kind", "cubic")
    expect(page.locator("#preview")).to_contain_text("27 s")
    page.fill("#url", "nothing")
    expect(page.locator("#preview .flash")).to_be_visible()


def test_a_secret_is_revealed_in_place_and_copied(open_page: Open, site: Site) -> None:
    page = open_page(
        f"/webhooks/{site.hooks['healthy']}",
        permissions=["clipboard-read", "clipboard-write"],
    )
    page.get_by_role("button", name="Reveal").click()
    page.locator("[data-copy=secret-current]").click()
    expect(page.locator("[data-copy=secret-current]")).to_have_text("Copied")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == page.locator("#secret-current").text_content()
    assert copied.startswith("whsec_")


def test_the_theme_changes_at_once_and_persists(open_page: Open) -> None:
    page = open_page("/")
    light = _background(page)
    page.get_by_role("button", name="Dark").click()
    assert _background(page) != light
    page.goto("/events")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def _background(page: Page) -> Any:
    return page.evaluate("getComputedStyle(document.body).backgroundColor")


def test_times_are_shown_in_the_browsers_time_zone(open_page: Open, site: Site) -> None:
    path = f"/deliveries/{site.deliveries['failed']}"
    page = open_page(path, timezone_id="Asia/Tokyo", locale="en-GB")
    exact = page.locator(".facts-band time").text_content()
    assert exact is not None
    assert exact.endswith("UTC+9")


def test_an_open_delivery_page_shows_its_new_state(open_page: Open, site: Site, fresh: str) -> None:
    with site.app.app_context(), write_transaction() as session:
        session.get_one(Delivery, fresh).state = "pending"
    page = open_page(f"/deliveries/{fresh}")
    expect(page.locator("h1")).to_contain_text("Queued")
    with site.app.app_context(), write_transaction() as session:
        session.get_one(Delivery, fresh).state = "succeeded"
    expect(page.locator("h1")).to_contain_text("Succeeded")


def test_a_body_is_shown_formatted_and_raw(open_page: Open, site: Site) -> None:
    page = open_page(f"/deliveries/{site.deliveries['succeeded']}")
    response = page.get_by_role("region", name="Response")
    expect(response.locator(".body-raw")).to_be_hidden()
    response.get_by_text("Raw", exact=True).click()
    expect(response.locator(".body-raw")).to_be_visible()
    expect(response.locator(".body-pretty")).to_be_hidden()


def test_on_a_phone_the_navigation_is_at_the_bottom(open_page: Open) -> None:
    page = open_page("/deliveries", width=390)
    box = page.get_by_role("navigation", name="Main").bounding_box()
    assert box is not None
    assert (box["x"], box["width"]) == (0, 390)
    assert round(box["y"] + box["height"]) == 844
    row = page.locator(".list tbody tr").first.bounding_box()
    assert row is not None
    assert row["height"] < 80


def test_the_main_tasks_work_without_scripts(browser: Browser, site: Site, signed_in: Any) -> None:
    context = browser.new_context(
        storage_state=signed_in, java_script_enabled=False, base_url=site.url
    )
    page = context.new_page()
    page.goto("/webhooks/new")
    page.get_by_role("link", name=re.compile("Encoding lifecycle")).click()
    page.fill("#url", "http://127.0.0.1:9/hook")
    page.get_by_role("button", name="Show preview").click()
    expect(page.locator("#preview")).to_contain_text("POST http://127.0.0.1:9/hook")
    page.get_by_role("button", name="Create webhook").click()
    page.get_by_role("button", name="Reveal").click()
    expect(page.locator("#secret-current")).to_contain_text("whsec_")
    page.goto("/events/new?type=encoding.finished")
    page.get_by_role("button", name="Send event").click()
    page.get_by_role("link", name=re.compile(r"127\.0\.0\.1:9")).first.click()
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator("h1")).to_contain_text("Cancelled")
    context.close()


def test_times_are_entered_in_the_browsers_time_zone(open_page: Open) -> None:
    path = "/deliveries?since=2026-02-24T22:30"
    page = open_page(path, timezone_id="Asia/Tokyo", locale="en-GB")
    expect(page.locator(".held time")).to_have_text("25 Feb, 07:30")
    page.get_by_text("Filter", exact=True).click()
    expect(page.get_by_label("From (GMT+9)")).to_have_value("2026-02-25T07:30")
    page.get_by_label("To (GMT+9)").fill("2026-02-25T09:15")
    page.get_by_role("button", name="Apply").click()
    page.wait_for_url(re.compile("since=2026-02-24T22%3A30&until=2026-02-25T00%3A15"))


@pytest.mark.parametrize(
    "width",
    [
        pytest.param(768, marks=pytest.mark.long),
        1024,
        pytest.param(1200, marks=pytest.mark.long),
    ],
)
def test_cells_of_a_row_do_not_overlap(open_page: Open, width: int) -> None:
    page = open_page("/deliveries", width=width)
    for path in ("/deliveries", "/webhooks"):
        page.goto(path)
        row = page.locator(".list tbody tr").first
        chip, lead = row.locator(".chip").bounding_box(), row.locator(".clip").first.bounding_box()
        assert chip is not None
        assert lead is not None
        first, second = sorted((chip, lead), key=lambda box: box["x"])
        assert first["x"] + first["width"] <= second["x"]


def test_three_clicks_from_sign_in_to_why_a_customer_did_not_get_an_asset(
    browser: Browser, site: Site
) -> None:
    failed_id = failed_delivery(site)
    context = browser.new_context(base_url=site.url, viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.goto("/sign-in")
    page.fill("[name=email]", EMAIL)
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url(f"{site.url}/")
    page.click(".frame-top .search input")
    page.keyboard.type(ASSET)
    palette = page.get_by_role("dialog", name="Search")
    palette.get_by_role("option", name="encoding.finished").filter(has_text="failed").click()
    page.wait_for_url("**/events/*")
    page.get_by_role("link", name="Partner").first.click()
    page.wait_for_url(f"**/deliveries/{failed_id}*")
    expect(page.get_by_role("main")).to_contain_text("HTTP 503 Service Unavailable")
    context.close()


@EVERY_LOOK
def test_the_palette_is_used_by_keyboard_and_remembers_what_was_opened(
    open_page: Open, site: Site, theme: str, width: int
) -> None:
    failed_delivery(site)
    page = open_page("/deliveries", theme=theme, width=width)
    page.keyboard.press("Control+k")
    palette = page.get_by_role("dialog", name="Search")
    page.keyboard.type("Partner")
    options = palette.get_by_role("option")
    expect(options.first).to_have_attribute("aria-selected", "true")
    assert wrong_with(page, rules_of(theme)) == []
    page.keyboard.press("ArrowDown")
    expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    page.wait_for_url("**/webhooks/*")
    page.keyboard.press("/")
    expect(palette.get_by_role("group", name="Recent").get_by_role("option")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(palette).to_be_hidden()
    page.goto(f"/search?q={ASSET}")
    expect(page.locator("mark").first).to_have_text(ASSET)
    assert wrong_with(page, rules_of(theme)) == []
