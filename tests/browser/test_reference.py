"""Requests sent from the API reference."""

from playwright.sync_api import expect

from tests.browser.conftest import Open


def test_an_operation_is_found_and_sent_with_the_persons_rights(open_page: Open) -> None:
    page = open_page("/api-reference")
    search = page.get_by_label("Search operations")
    search.fill("post event")
    search.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/api-reference/createEvent")
    page.get_by_role("button", name="Send POST request").click()
    response = page.get_by_role("region", name="Response", exact=True)
    expect(response).to_contain_text("202")
    expect(response).to_contain_text(" ms")
    expect(response).to_contain_text('"type": "encoding.finished"')
    page.get_by_role("textbox", name="Request body").fill("{}")
    page.get_by_role("button", name="Send POST request").click()
    expect(response).to_contain_text("422")
    response.get_by_text("Headers").click()
    expect(response).to_contain_text("x-ratelimit-limit")
