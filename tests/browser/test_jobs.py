"""A job, as a person starts and watches it."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from app.models import Delivery
from app.queries.deliveries.filters import DeliveryFilter
from app.services.accounts.actor import SYSTEM
from app.services.jobs import running, service
from app.store.transaction import write_transaction
from tests.browser.conftest import Open
from tests.browser.support.site import Site
from tests.browser.test_every_page import rules_of, wrong_at
from tests.services.publishing import webhook
from tests.web.records import delivery

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
