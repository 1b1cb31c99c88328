"""A delivery next to the list."""

from playwright.sync_api import expect

from tests.browser.conftest import Open
from tests.browser.test_deliveries import Make, make
from tests.browser.test_every_page import faults

__all__ = ["make"]


def test_a_row_opens_next_to_the_list(open_page: Open, make: Make) -> None:
    ids = make(3, "panel/1")
    page = open_page("/deliveries?source=panel/1")
    panel = page.get_by_role("dialog", name="Delivery")
    page.keyboard.press("j")
    page.keyboard.press("Space")
    expect(panel.locator("#delivery-id")).to_have_text(ids[2])
    page.keyboard.press("j")
    expect(panel.locator("#delivery-id")).to_have_text(ids[1])
    expect(page.locator(f"#row-{ids[1]}")).to_have_class("is-peeked")
    assert faults(page) == []
    page.keyboard.press("r")
    expect(panel.locator(".flash-success")).to_contain_text("Queued.")
    expect(page.locator(f"#row-{ids[1]}")).to_contain_text("Queued")
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    expect(page.locator(f"#open-{ids[1]}")).to_be_focused()
    page.locator(f"#row-{ids[0]}").get_by_title("Open next to the list").click()
    expect(panel.locator("#delivery-id")).to_have_text(ids[0])
    panel.get_by_role("link", name="Open page").click()
    page.wait_for_url(f"**/deliveries/{ids[0]}?source=panel/1")
