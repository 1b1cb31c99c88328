"""The list and the story of deliveries, as they change under a reader, and by keyboard."""

import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import update

from app.domain.common.clock import now_ms
from app.domain.common.ids import new_id
from app.models import Attempt, Delivery, Due
from app.store.transaction import write_transaction
from tests.browser.conftest import Open
from tests.browser.support.site import Site
from tests.browser.test_every_page import faults
from tests.support.servers.receiver import Receiver
from tests.web.records import delivery

Make = Callable[..., list[str]]


@pytest.fixture
def make(site: Site) -> Make:
    """`make(number, source, state)`: ids of deliveries that a test has for itself."""

    def create(number: int, source: str, state: str = "failed", **more: Any) -> list[str]:
        with site.app.app_context():
            ids = [
                delivery(site.organization_id, site.hooks["healthy"], state, **more)
                for _ in range(number)
            ]
            _set(ids, source=source)
        return ids

    return create


def _set(ids: list[str], **values: Any) -> None:
    with write_transaction() as session:
        session.execute(update(Delivery).where(Delivery.id.in_(ids)).values(**values))


def change(site: Site, ids: list[str], **values: Any) -> None:
    with site.app.app_context():
        _set(ids, **values)


def rows(page: Page) -> Any:
    return page.locator("#list tbody tr")


def test_rows_are_updated_in_place_and_new_ones_announced(
    open_page: Open, site: Site, make: Make
) -> None:
    first = make(2, "live/1")
    page = open_page("/deliveries?source=live/1")
    page.locator("[name=id]").first.check()
    page.locator(f"#open-{first[1]}").focus()
    change(site, first, state="succeeded")
    make(1, "live/1")
    expect(rows(page).nth(0)).to_contain_text("Succeeded")
    expect(page.locator("#new-rows")).to_have_text("1 new delivery")
    assert rows(page).count() == 2
    expect(page.locator(f"#pick-{first[1]}")).to_be_checked()
    expect(page.locator(f"#open-{first[1]}")).to_be_focused()
    page.locator("#new-rows").click()
    expect(rows(page)).to_have_count(3)
    expect(page.locator("#new-rows")).to_have_count(0)
    expect(page.locator(f"#pick-{first[1]}")).to_be_checked()


@pytest.mark.long
def test_live_mode_adds_new_rows_except_while_scrolled_down(open_page: Open, make: Make) -> None:
    make(30, "live/2")
    page = open_page("/deliveries?source=live/2")
    page.get_by_role("button", name="Live").click()
    page.mouse.move(0, 0)
    make(1, "live/2")
    expect(rows(page)).to_have_count(31)
    page.mouse.wheel(0, 700)
    page.wait_for_function("scrollY > 300")
    before = page.evaluate("scrollY")
    make(1, "live/2")
    expect(page.locator("#new-rows")).to_have_text("1 new delivery")
    page.wait_for_timeout(3200)
    assert (rows(page).count(), page.evaluate("scrollY")) == (31, before)
    page.evaluate("scrollTo(0, 0)")
    expect(rows(page)).to_have_count(32)


def test_a_selection_is_counted_and_resent(open_page: Open, make: Make) -> None:
    make(3, "bulk/1")
    page = open_page("/deliveries?source=bulk/1")
    page.locator("[data-pick-all]").check()
    expect(page.locator("[data-picked]")).to_have_text("3 selected")
    page.locator("[name=id]").nth(1).uncheck()
    page.keyboard.press("r")
    dialog = page.get_by_role("dialog", name="Resend 2 deliveries?")
    expect(dialog).to_be_visible()
    assert faults(page) == []
    dialog.get_by_text("Back to the list").click()
    expect(dialog).to_be_hidden()
    page.keyboard.press("r")
    dialog.get_by_role("button", name="Resend 2 deliveries").click()
    expect(page.locator(".flash-success")).to_have_text("2 deliveries queued for resend.")
    expect(page.locator(".chip-pending")).to_have_count(2)
    assert "source=bulk" in page.url


def test_all_matching_deliveries_are_counted_and_cancelled(open_page: Open, make: Make) -> None:
    make(4, "bulk/2", "pending", attempts=(), next_at=now_ms() + 900_000)
    page = open_page("/deliveries?source=bulk/2")
    page.get_by_text("Bulk actions").click()
    page.get_by_role("link", name="Cancel all…").click()
    page.get_by_role("button", name="Cancel 4 deliveries").click()
    expect(page.locator(".flash-success")).to_have_text("4 deliveries cancelled.")
    expect(page.locator(".chip-idle")).to_have_count(4)


def test_without_scripts_a_selection_is_confirmed_on_a_page(
    browser: Browser, site: Site, signed_in: Any, make: Make
) -> None:
    make(2, "bulk/3")
    options = {"storage_state": signed_in, "java_script_enabled": False, "base_url": site.url}
    context = browser.new_context(**options)
    page = context.new_page()
    page.goto("/deliveries?source=bulk/3")
    page.locator("[name=id]").first.check()
    page.locator("#selection").get_by_role("button", name="Resend").click()
    page.get_by_role("button", name="Resend 1 delivery").click()
    expect(page.locator(".flash-success")).to_have_text("1 delivery queued for resend.")
    page.locator(".row-link").last.click()
    page.get_by_role("link", name="Newer").click()
    expect(page.locator("h1")).to_contain_text("Queued")
    context.close()


def test_the_keyboard_selects_rows_and_moves_between_deliveries(
    open_page: Open, make: Make
) -> None:
    ids = make(3, "keys/1")
    page = open_page("/deliveries?source=keys/1")
    for key in ("j", "j", "x"):
        page.keyboard.press(key)
    expect(page.locator(f"#pick-{ids[1]}")).to_be_checked()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/deliveries/{ids[1]}?source=keys/1")
    page.keyboard.press("j")
    page.wait_for_url(f"**/deliveries/{ids[0]}?source=keys/1")
    page.keyboard.press("k")
    page.wait_for_url(f"**/deliveries/{ids[1]}?source=keys/1")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_contain_text("Select the row")


def test_a_row_opens_next_to_the_list(open_page: Open, make: Make) -> None:
    older, newer = make(2, "panel/1")
    page = open_page("/deliveries?source=panel/1")
    panel = page.get_by_role("dialog", name="Delivery")
    for keys, id_ in (("j", "Space"), newer), (("j",), older):
        list(map(page.keyboard.press, keys))
        expect(panel.locator("#delivery-id")).to_have_text(id_)
    assert faults(page) == []
    page.keyboard.press("r")
    expect(panel.locator(".flash-success")).to_contain_text("Queued.")
    page.keyboard.press("Escape")
    expect(page.locator(f"#open-{older}")).to_be_focused()


def test_the_copied_curl_command_sends_the_same_request(
    open_page: Open, site: Site, make: Make, receiver: Receiver, tmp_path: Path
) -> None:
    [id_] = make(1, "copy/1", payload=b'{"id": 1.10, "it": "it\'s"}')
    with site.app.app_context(), write_transaction() as session:
        mine = update(Attempt).where(Attempt.delivery_id == id_)
        session.execute(mine.values(url=receiver.url))
    page = open_page(f"/deliveries/{id_}", permissions=["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy as curl").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    command = page.evaluate("navigator.clipboard.readText()")
    subprocess.run(["bash", "-c", command], cwd=tmp_path, check=True, capture_output=True)
    got = receiver.wait_for(1)[0]
    assert (got.method, got.path, got.query) == ("POST", "/hook", "a=1")
    assert got.body.endswith(b'"data":{"id": 1.10, "it": "it\'s"}}')


def test_an_earlier_attempt_is_loaded_when_opened_and_stays_open(
    open_page: Open, site: Site, make: Make
) -> None:
    later = now_ms() + 44_000
    [id_] = make(
        1, "story/1", "retrying", attempts=[(500, "status"), (503, "status")], next_at=later
    )
    page = open_page(f"/deliveries/{id_}")
    countdown = page.locator(".story time[data-countdown]")
    expect(countdown).to_have_text(re.compile(r"^in \d+ s$"))
    expect(countdown).not_to_have_text(countdown.text_content() or "")
    page.locator("#attempt-1-line").click()
    expect(page.locator("#attempt-1")).to_contain_text("HTTP/1.1 500")
    page.locator("#attempt-1").get_by_text("Raw", exact=True).first.click()
    with site.app.app_context(), write_transaction() as session:
        session.execute(update(Due).where(Due.delivery_id == id_).values(claimed_by=1))
    expect(page.locator("h1")).to_contain_text("Sending")
    expect(page.locator("#attempt-1 .body-raw").first).to_be_visible()
    expect(page.locator("#announcer")).to_contain_text("Sending")


def test_a_secret_in_a_request_is_revealed_in_place(
    open_page: Open, site: Site, make: Make
) -> None:
    [id_] = make(1, "story/2")
    token = new_id()
    head = f"POST / HTTP/1.1\r\nX-Callboard-Token: {token}\r\n\r\n".encode()
    with site.app.app_context(), write_transaction() as session:
        mine = update(Attempt).where(Attempt.delivery_id == id_)
        session.execute(mine.values(request_head=head))
    page = open_page(f"/deliveries/{id_}")
    expect(page.locator("#attempt-1")).to_contain_text("********")
    page.locator(".reveal button").click()
    expect(page.locator("#attempt-1 .headers").first).to_contain_text(token)
    expect(page.locator("#attempt-1-request-curl, #attempt-1-curl")).to_contain_text(token)


def test_a_view_is_saved_and_opened(open_page: Open, make: Make) -> None:
    make(1, "view/1")
    page = open_page("/deliveries?source=view/1")
    page.get_by_text("Save view").click()
    page.get_by_label("Name").fill("One source")
    page.get_by_role("button", name="Save", exact=True).click()
    page.goto("/deliveries")
    page.get_by_role("link", name="One source").click()
    page.wait_for_url("**/deliveries?source=view/1")
    page.get_by_role("button", name="Delete view").click()
    expect(page.get_by_role("link", name="One source")).to_have_count(0)


def test_an_export_is_downloaded_as_a_file(open_page: Open, make: Make) -> None:
    ids = make(2, "export/1")
    page = open_page("/deliveries?source=export/1")
    page.get_by_text("Bulk actions").click()
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Export as CSV").click()
    saved = Path(waiting.value.path()).read_text()
    assert waiting.value.suggested_filename.startswith("deliveries-20")
    assert all(id_ in saved for id_ in ids)
