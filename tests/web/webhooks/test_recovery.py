import re
from typing import Any

import pytest

from app.domain.common.clock import now_ms
from app.models import Webhook, WebhookState
from app.queries.deliveries import missed
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


def test_what_failed_is_counted_before_it_is_sent(
    owner: Visitor, organization: Any, page: str
) -> None:
    for _ in range(2):
        delivery(organization.id, hook(page), "failed")
    shown = owner.get(f"{page}/recover?range=24h").text
    assert "2 deliveries" in shown
    assert "Send all 2" in shown
    assert due_rows() == []
    since = re.search(r'name="since" value="([^"]+Z)"', shown)
    assert since
    answer = owner.post(f"{page}/recover", since=since[1])
    assert answer.location == page
    assert len(due_rows()) == 2
    assert "2 deliveries are due now" in owner.get(page).text


def test_what_was_missed_is_counted_before_it_is_sent(
    owner: Visitor, organization: Any, page: str
) -> None:
    event(organization.id)
    assert "<strong>1 event</strong>" in owner.get(f"{page}/send-missed?range=all").text
    owner.post(f"{page}/send-missed", **EVER)
    assert len(due_rows()) == 1
    assert "Nothing was missed" in owner.get(f"{page}/send-missed?range=all").text


def test_more_than_can_be_sent_while_a_person_waits_is_gone_on_with(
    owner: Visitor, organization: Any, page: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhook_again, "SEND_SECONDS", 0)
    monkeypatch.setattr(missed, "EXAMINED", 2)
    for _ in range(3):
        event(organization.id)
    answer = owner.post(f"{page}/send-missed", **EVER)
    assert answer.location.startswith(f"{page}/send-missed?since=")
    shown = owner.get(answer.location).text
    assert "There is more" in shown
    assert "<strong>1 event</strong>" in shown


@pytest.mark.parametrize("verb", ["recover", "send-missed"])
def test_a_time_that_is_none_counts_nothing(owner: Visitor, page: str, verb: str) -> None:
    assert "Give a time" in owner.get(f"{page}/{verb}?since=soon").text
    assert owner.post(f"{page}/{verb}", since="soon").status_code == 400


def test_resuming_goes_on_to_what_was_skipped(owner: Visitor, organization: Any, page: str) -> None:
    owner.post(page, f"{page}/pause")
    delivery(organization.id, hook(page), "skipped", ())
    shown = owner.get(page).text
    assert "1 event was skipped" in shown
    answer = owner.post(page, f"{page}/resume")
    assert answer.location == f"{page}/send-missed"
    assert "<strong>1 event</strong>" in owner.get(answer.location).text


def test_resuming_where_nothing_was_skipped_stays(owner: Visitor, page: str) -> None:
    owner.post(page, f"{page}/pause")
    assert owner.post(page, f"{page}/resume").location == page


def test_what_callboard_switched_off_says_why_and_can_be_enabled(owner: Visitor, page: str) -> None:
    reason = "All attempts failed for 5 days."
    change(Webhook, hook(page), is_active=False, disabled_at=now_ms(), disabled_reason=reason)
    shown = owner.get(page).text
    assert reason in shown
    assert "Enable it again" in shown
    owner.post(page, f"{page}/resume")
    assert "Active" in owner.get(page).text


def test_a_throttled_one_says_how_many_go_at_once(owner: Visitor, page: str) -> None:
    change(WebhookState, hook(page), window=2.5)
    assert "2 requests go to it at a time instead of 32" in owner.get(page).text


def test_what_is_good_once_has_nothing_to_make_up_for(owner: Visitor, organization: Any) -> None:
    page = f"/webhooks/{webhook(organization.id, once=True)}"
    assert "Send what was missed" not in owner.get(page).text
    assert owner.get(f"{page}/send-missed").location == page


def test_a_viewer_neither_sees_the_buttons_nor_may_press_them(viewer: Visitor, page: str) -> None:
    assert "Recover" not in viewer.get(page).text
    assert viewer.get(f"{page}/recover").status_code == 403
    assert viewer.get(f"{page}/send-missed").status_code == 403
