"""The catcher in a real browser: live, readable by everybody."""

from collections.abc import Callable
from typing import Any

import pytest
import requests
from playwright.sync_api import Page, expect

from app.queries import test_inbox as queries
from app.services.accounts.actor import SYSTEM
from app.services.test_inbox import inboxes
from tests.browser.conftest import Open
from tests.browser.support.looks import EVERY_LOOK
from tests.browser.support.site import Site
from tests.browser.test_every_page import rules_of, wrong_at, wrong_with


@pytest.fixture
def inbox(site: Site) -> Any:
    with site.app.app_context():
        return inboxes.create(site.organization_id, {"name": "Try-out"}, SYSTEM)


def call(site: Site, inbox: Any, **how: Any) -> int:
    how = {"method": "POST", "json": {"media_id": "42", "status": "done"}} | how
    url = f"{site.url}/catch/{inbox.token}"
    return requests.request(url=url, timeout=45, **how).status_code


def test_new_requests_appear_and_the_open_one_stays(
    open_page: Open, site: Site, inbox: Any
) -> None:
    page = open_page(f"/test-inbox/{inbox.id}")
    expect(page.locator("#live")).to_contain_text("No requests yet")
    call(site, inbox, params={"n": "first"})
    expect(page.locator("#selected")).to_contain_text("?n=first")
    page.locator(".inbox-requests .row-link").click()
    page.wait_for_url("**/requests/*")
    call(site, inbox, params={"n": "second"})
    expect(page.locator(".inbox-requests li")).to_have_count(2)
    expect(page.locator("#selected")).to_contain_text("?n=first")
    expect(page.locator(".inbox-requests li.is-chosen")).to_contain_text("?n=first")


def test_a_test_inbox_is_created_and_set_to_fail(open_page: Open, site: Site) -> None:
    page = open_page("/test-inbox")
    page.get_by_role("button", name="Create test inbox").click()
    page.wait_for_url("**/test-inbox/*-*")
    inbox_id = page.url.rpartition("/")[2]
    page.get_by_role("link", name="Response settings").click()
    page.get_by_label("Status").fill("500")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".inbox-facts")).to_contain_text("500, no delay")
    with site.app.app_context():
        row = queries.get(site.organization_id, inbox_id)
    assert call(site, row) == 500
    page.get_by_role("link", name="Create webhook").first.click()
    page.get_by_role("link", name="Recommended").click()
    expect(page.locator("#url")).to_have_value(f"http://127.0.0.1:8000/catch/{row.token}")


@EVERY_LOOK
def test_test_inbox_pages_are_accessible(
    site: Site,
    open_page: Open,
    keep: Callable[[Page, str], None],
    inbox: Any,
    *,
    theme: str,
    width: int,
) -> None:
    page = open_page("/test-inbox", theme=theme, width=width)
    paths = {
        "test-inboxes": "/test-inbox",
        "test-inbox-empty": f"/test-inbox/{inbox.id}",
        "test-inbox-settings": f"/test-inbox/{inbox.id}/settings",
        "test-inbox-delete": f"/test-inbox/{inbox.id}/delete",
        "test-inbox-full": f"/test-inbox/{inbox.id}",
        "test-inbox-request": "",
    }
    wrong = {}
    for name, path in paths.items():
        if name == "test-inbox-full":
            call(site, inbox)
            call(site, inbox, method="PUT", json=None, data=b"\0\1\xff" * 40)
            call(site, inbox, method="GET", json=None, params={"a": "1"})
        if path:
            wrong[name] = wrong_at(page, path, rules_of(theme))
        else:
            page.locator(".inbox-requests .row-link").last.click()
            page.wait_for_url("**/requests/*")
            wrong[name] = wrong_with(page, rules_of(theme))
        keep(page, f"{name}-{theme}-{width}")
    assert {name: faults for name, faults in wrong.items() if faults} == {}
