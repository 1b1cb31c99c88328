"""What a person does at the pages of webhooks."""

from typing import Any

from playwright.sync_api import Browser, expect

from tests.browser.conftest import Open
from tests.browser.support.looks import EVERY_LOOK
from tests.browser.support.site import Site
from tests.browser.test_every_page import faults, rules_of, wrong_at
from tests.services.publishing import webhook
from tests.support.servers.receiver import Receiver
from tests.web.records import delivery


def new_webhook_page(site: Site, **settings: Any) -> str:
    """The page of a webhook that a test may change."""
    with site.app.app_context():
        return f"/webhooks/{webhook(site.organization_id, **settings)}"


def test_another_preset_updates_the_form_and_the_preview(open_page: Open) -> None:
    page = open_page("/webhooks/new?preset=standard")
    page.fill("#url", "https://hooks.example.com/in")
    page.fill("#timeout_seconds", "7")
    page.focus("#preset")
    page.select_option("#preset", "encoding")
    expect(page.locator("#retry_policy_kind")).to_have_value("fixed")
    expect(page.locator("#url")).to_have_value("https://hooks.example.com/in")
    expect(page.locator("#timeout_seconds")).to_have_value("7")
    expect(page.locator("#preview")).to_contain_text("emitted_at")
    expect(page.locator("#announcer")).to_contain_text("Encoding lifecycle")
    expect(page.locator("#preset")).to_be_focused()
    # The form that came is as live as the one before it.
    page.select_option("#preview-type", "encoding.failed")
    expect(page.locator("#preview")).to_contain_text("X-Callboard-Event-Type")
    expect(page.locator("#preview .headers").first).to_contain_text("encoding.failed")


def test_a_test_send_shows_the_response_in_place(
    open_page: Open, site: Site, receiver: Receiver
) -> None:
    receiver.respond(503, [("X-Why", "tired")], b"later")
    page = open_page(new_webhook_page(site, url=receiver.url))
    page.get_by_role("button", name="Send test").click()
    check = page.get_by_role("region", name="Test result")
    expect(check).to_contain_text("503 Service Unavailable")
    expect(check).to_contain_text("later")
    assert faults(page) == []


def test_failed_deliveries_are_counted_for_the_chosen_time_and_resent(
    open_page: Open, site: Site
) -> None:
    path = new_webhook_page(site)
    with site.app.app_context():
        for _ in range(2):
            delivery(site.organization_id, path.rpartition("/")[2])
    page = open_page(path)
    page.get_by_role("link", name="Resend failed").click()
    page.fill("#filter-since", "2999-01-01T00:00")
    page.locator("#filter-since").blur()
    expect(page.locator("#counted")).to_contain_text("No failed deliveries")
    page.get_by_role("link", name="Last hour").click()
    page.get_by_role("button", name="Resend 2").click()
    expect(page.locator(".flash-success")).to_contain_text("2 deliveries queued")


def test_resuming_a_webhook_leads_to_sending_skipped_events(open_page: Open, site: Site) -> None:
    # It wants none of the other tests' events.
    path = new_webhook_page(site, event_types=["never.posted"])
    page = open_page(path)
    page.get_by_role("button", name="Pause").click()
    expect(page.locator("h1")).to_contain_text("Paused")
    with site.app.app_context():
        delivery(site.organization_id, path.rpartition("/")[2], "skipped", ())
    page.get_by_role("button", name="Resume").click()
    expect(page.locator("h1")).to_contain_text("Send missed events")
    page.get_by_role("button", name="Send 1").click()
    expect(page.locator("h1")).to_contain_text("Active")


def test_the_switch_in_the_list_changes_its_row_in_place(open_page: Open, site: Site) -> None:
    webhook_id = new_webhook_page(site, event_types=["never.posted"]).rpartition("/")[2]
    page = open_page("/webhooks")
    row, switch = page.locator(f"#webhook-{webhook_id}"), page.locator(f"#switch-{webhook_id}")
    switch.click()
    expect(row).to_contain_text("Paused")
    expect(switch).to_have_attribute("aria-checked", "false")
    expect(switch).to_be_focused()
    expect(page.locator("#announcer")).to_contain_text("Webhook paused")
    with site.app.app_context():
        delivery(site.organization_id, webhook_id, "pending", (), next_at=1)
    switch.press("Enter")
    expect(page.locator("h1")).to_contain_text("Resume")
    expect(page.locator("main")).to_contain_text("1 delivery is on hold")
    page.get_by_role("link", name="Cancel").click()
    expect(row).to_contain_text("Paused")


def test_the_verification_code_is_copied(open_page: Open, site: Site) -> None:
    path = f"/webhooks/{site.hooks['disabled']}/verify"
    page = open_page(path, permissions=["clipboard-read", "clipboard-write"])
    page.get_by_role("link", name="PHP").click()
    page.locator("[data-copy=verify-token]").click()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert "$headers['x-streams-token']" in copied


@EVERY_LOOK
def test_webhook_pages_are_accessible(
    open_page: Open, site: Site, keep: Any, theme: str, width: int
) -> None:
    paths = {
        "webhook-disabled": f"/webhooks/{site.hooks['disabled']}",
        "webhook-switch": f"/webhooks/{site.hooks['paused']}/active",
        "webhook-recover": f"/webhooks/{site.hooks['failing']}/recover",
        "webhook-missed": f"/webhooks/{site.hooks['paused']}/send-missed?range=all",
        "webhook-verify": f"/webhooks/{site.hooks['disabled']}/verify?language=java",
    }
    page = open_page("/webhooks", theme=theme, width=width)
    faults_by_page = {}
    for name, path in paths.items():
        faults_by_page[name] = wrong_at(page, path, rules_of(theme))
        keep(page, f"{name}-{theme}-{width}")
    assert {name: wrong for name, wrong in faults_by_page.items() if wrong} == {}


def test_the_index_leads_to_sections_and_recent_deliveries_are_live(
    open_page: Open, site: Site
) -> None:
    path = new_webhook_page(site, name="Watched")
    page = open_page(path, width=390)
    index = page.get_by_role("navigation", name="On this page")
    index.get_by_role("link", name="Retry schedule").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#waits")).to_be_in_viewport()
    expect(index).to_be_in_viewport()
    with site.app.app_context():
        delivery(site.organization_id, path.rpartition("/")[2], "retrying", next_at=1)
    expect(page.locator("#recent-deliveries .chip")).to_contain_text("Retrying")
    assert faults(page) == []


def test_webhooks_are_sorted_and_filtered_by_links(open_page: Open) -> None:
    page = open_page("/webhooks?q=example.com")
    first = page.locator(".webhook-list tbody tr").first
    expect(first).to_contain_text("Failing")
    page.locator("#states").get_by_role("link", name="Disabled").click()
    expect(page.locator(".webhook-list tbody tr")).to_have_count(1)
    page.locator(".webhook-tools summary").click()
    page.get_by_role("link", name="Name, A to Z").click()
    page.wait_for_url("**/webhooks?q=example.com&state=disabled&sort=name")
    expect(page.get_by_role("columnheader", name="Webhook")).to_have_attribute(
        "aria-sort", "ascending"
    )
    assert faults(page) == []


def test_a_webhooks_page_says_when_it_is_no_longer_up_to_date(
    browser: Browser, signed_in: Any, site: Site
) -> None:
    # Not `open_page`: the browser notes the failed requests as errors.
    context = browser.new_context(storage_state=signed_in, base_url=site.url)
    page = context.new_page()
    page.goto(new_webhook_page(site, name="Cut off"))
    page.route("**/webhooks/*seen=*", lambda route: route.abort())
    expect(page.locator("#live")).to_have_text("Not up to date: no response")
    page.unroute("**/webhooks/*seen=*")
    expect(page.locator("#live")).to_have_text("")
    context.close()
