import re
from typing import Any

import pytest

from app.domain.common.clock import now_ms
from app.models import Webhook, WebhookState
from app.services.jobs import running
from app.store.transaction import write_transaction
from app.web.webhooks import recovery as webhook_again
from tests.services.publishing import due_rows, webhook
from tests.web.records import delivery, event
from tests.web.visitor import Visitor

EVER = {"since": "2020-01-01T00:00:00"}


@pytest.fixture
def page(organization: Any) -> str:
    return f"/webhooks/{webhook(organization.id)}"


def hook(page: str) -> str:
    return page.rpartition("/")[2]


def change(model: Any, webhook_id: str, **values: Any) -> None:
    with write_transaction() as session:
        row = session.get_one(model, webhook_id)
        for name, value in values.items():
            setattr(row, name, value)


def test_failed_deliveries_are_counted_before_they_are_resent(
    owner: Visitor, organization: Any, page: str
) -> None:
    for _ in range(2):
        delivery(organization.id, hook(page), "failed")
    shown = owner.get(f"{page}/recover?range=24h").text
    assert "2 failed deliveries" in shown
    assert "Resend 2" in shown
    assert due_rows() == []
    since = re.search(r'name="since" value="([^"]+Z)"', shown)
    assert since
    response = owner.post(f"{page}/recover", since=since[1])
    assert response.location == page
    assert len(due_rows()) == 2
    assert "2 deliveries queued" in owner.get(page).text


def test_missed_events_are_counted_before_they_are_sent(
    owner: Visitor, organization: Any, page: str
) -> None:
    event(organization.id)
    assert "<strong>1 missed event</strong>" in owner.get(f"{page}/send-missed?range=all").text
    owner.post(f"{page}/send-missed", **EVER)
    assert len(due_rows()) == 1
    assert "No missed events" in owner.get(f"{page}/send-missed?range=all").text


@pytest.mark.parametrize("verb", ["recover", "send-missed"])
def test_more_than_a_page_becomes_a_job(
    owner: Visitor, organization: Any, page: str, monkeypatch: pytest.MonkeyPatch, verb: str
) -> None:
    monkeypatch.setattr(webhook_again, "PAGE", 2)
    for _ in range(3):
        delivery(organization.id, hook(page), "failed" if verb == "recover" else "skipped")
    assert "This becomes a job" in owner.get(f"{page}/{verb}?range=all").text
    response = owner.post(f"{page}/{verb}", **EVER)
    assert response.location.startswith("/jobs/")
    running.run_all()
    assert len(due_rows()) == 3


@pytest.mark.parametrize("verb", ["recover", "send-missed"])
def test_an_invalid_time_counts_nothing(owner: Visitor, page: str, verb: str) -> None:
    assert "Enter a time" in owner.get(f"{page}/{verb}?since=soon").text
    assert owner.post(f"{page}/{verb}", since="soon").status_code == 400


def test_resuming_leads_to_skipped_events(owner: Visitor, organization: Any, page: str) -> None:
    owner.post(page, f"{page}/pause")
    delivery(organization.id, hook(page), "skipped", ())
    shown = owner.get(page).text
    assert "1 event was skipped" in shown
    response = owner.post(page, f"{page}/resume")
    assert response.location == f"{page}/send-missed"
    assert "<strong>1 missed event</strong>" in owner.get(response.location).text


def test_resuming_without_skipped_events_stays_on_the_page(owner: Visitor, page: str) -> None:
    owner.post(page, f"{page}/pause")
    assert owner.post(page, f"{page}/resume").location == page


def test_a_disabled_webhook_shows_its_reason_and_can_be_enabled(owner: Visitor, page: str) -> None:
    reason = "All attempts failed for 5 days."
    change(Webhook, hook(page), is_active=False, disabled_at=now_ms(), disabled_reason=reason)
    shown = owner.get(page).text
    assert reason in shown
    assert ">Enable<" in shown
    owner.post(page, f"{page}/resume")
    assert "Active" in owner.get(page).text


def test_a_throttled_webhook_shows_its_concurrency_limit(owner: Visitor, page: str) -> None:
    change(WebhookState, hook(page), window=2.5)
    assert "2 requests are in flight" in owner.get(page).text


def test_a_one_time_webhook_has_no_missed_events(owner: Visitor, organization: Any) -> None:
    page = f"/webhooks/{webhook(organization.id, once=True)}"
    assert "Send missed events" not in owner.get(page).text
    assert owner.get(f"{page}/send-missed").location == page


def test_a_viewer_cannot_recover_deliveries(viewer: Visitor, page: str) -> None:
    assert "Recover" not in viewer.get(page).text
    assert viewer.get(f"{page}/recover").status_code == 403
    assert viewer.get(f"{page}/send-missed").status_code == 403
