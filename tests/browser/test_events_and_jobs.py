"""A job, as a person starts and watches it, and the list of events while events arrive."""

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

from app.models import Delivery
from app.queries.deliveries.filters import DeliveryFilter
from app.services.accounts.actor import SYSTEM
from app.services.jobs import running, service
from app.store.transaction import write_transaction
from tests.browser.conftest import Open
from tests.browser.support.site import Site
from tests.browser.test_every_page import faults, rules_of, wrong_at
from tests.services.publishing import webhook
from tests.web.records import delivery, event

Keep = Callable[[Page, str], None]


def test_more_than_a_page_is_resent_by_a_job_that_can_be_watched(
    open_page: Open, site: Site, keep: Keep
) -> None:
    with site.app.app_context():
        hook = webhook(site.organization_id, name="Bulk receiver")
        ids = [delivery(site.organization_id, hook) for _ in range(60)]
    page = open_page(f"/deliveries/resend?state=failed&webhook_id={hook}")
    page.get_by_role("button", name="Resend 60 deliveries").click()
    expect(page.locator("#job")).to_contain_text("Waiting for a worker")
    url = page.url
    with site.app.app_context():
        running.run_all()
        with write_transaction() as session:
            session.get_one(Delivery, ids[0]).state = "failed"
    # The page follows by itself.
    expect(page.locator("#job")).to_contain_text("60 deliveries queued for resend")
    expect(page.get_by_role("heading", name="Failed again")).to_be_visible()
    for theme, width in [("light", 1440), ("dark", 390)]:
        shown = open_page("/", theme=theme, width=width)
        for name, path in {"job": url, "jobs": "/jobs"}.items():
            assert wrong_at(shown, path, rules_of(theme)) == []
            keep(shown, f"{name}-{theme}-{width}")
    with site.app.app_context():
        rest = DeliveryFilter(webhook_id=hook)
        service.start_matching(site.organization_id, rest, SYSTEM, "cancel")
        running.run_all()


def post(site: Site, source: str) -> None:
    with site.app.app_context():
        event(site.organization_id, source=source)


def rows(page: Any) -> Any:
    return page.locator("#list tbody tr")


def test_new_events_are_announced_and_added_in_live_mode(open_page: Open, site: Site) -> None:
    page = open_page("/events?source=tail/1")
    post(site, "tail/1")
    post(site, "tail/2")
    expect(page.locator("#live[role=status] #new-rows")).to_have_text("1 new event")
    expect(rows(page)).to_have_count(0)
    live = page.get_by_role("button", name="Live")
    live.focus()
    page.keyboard.press("Enter")
    expect(rows(page)).to_have_count(1)
    expect(page.locator("#announcer")).to_have_text("1 new event")
    expect(live).to_be_focused()
    post(site, "tail/1")
    expect(rows(page)).to_have_count(2)
    assert faults(page) == []
    page.keyboard.press("Enter")
    expect(live).to_have_attribute("aria-pressed", "false")
    post(site, "tail/1")
    expect(page.locator("#new-rows")).to_have_text("1 new event")
    assert rows(page).count() == 2
