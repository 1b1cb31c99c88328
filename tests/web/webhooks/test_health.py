from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event as sql_events

from app.domain.common.clock import now_ms
from app.models import WebhookState
from app.models.common.base import db
from app.store.transaction import write_transaction
from tests.services.maintenance.test_counters import tally
from tests.services.publishing import webhook
from tests.web.records import delivery
from tests.web.visitor import Visitor


def set_state(webhook_id: str, **columns: object) -> None:
    with write_transaction() as session:
        state = session.get_one(WebhookState, webhook_id)
        for name, value in columns.items():
            setattr(state, name, value)


def test_the_list_shows_the_last_24_hours_of_each_webhook(
    owner: Visitor, organization: Any
) -> None:
    webhook(organization.id, name="Quiet")
    busy = webhook(organization.id, name="Busy")
    tally(organization.id, busy, now_ms(), succeeded=30, retrying=8, failed=2)
    tally(organization.id, busy, now_ms() - 25 * 3_600_000, failed=500)
    page = owner.get("/webhooks").text
    assert 'aria-label="Last 24 hours: 40 attempts, 25.0 % failed"' in page
    assert 'aria-label="No attempts in the last 24 hours"' in page


@pytest.mark.parametrize(
    ("columns", "state", "words"),
    [
        ({}, {"window": 4.7}, "Limited to 4 in flight while the receiver recovers"),
        (
            {},
            {"failing_since": 1, "consecutive_failures": 4, "last_failure_cause": "dns"},
            "Last 4 attempts failed: DNS lookup failed",
        ),
        ({"is_active": False, "disabled_reason": "It said 410."}, {}, "It said 410."),
    ],
)
def test_the_list_shows_the_reason_of_a_state(
    owner: Visitor,
    organization: Any,
    columns: dict[str, Any],
    state: dict[str, Any],
    words: str,
) -> None:
    set_state(webhook(organization.id, **columns), **state)
    assert words in owner.get("/webhooks").text


def test_a_webhooks_page_charts_its_own_figures(owner: Visitor, organization: Any) -> None:
    mine, other = webhook(organization.id), webhook(organization.id)
    tally(organization.id, mine, now_ms(), succeeded=7, **{"ms:36": 7, "status:200": 7})
    tally(organization.id, other, now_ms(), succeeded=555)
    page = owner.get(f"/webhooks/{mine}?range=7d").text
    assert "7 succeeded" in page
    assert ">555<" not in page
    assert "555 succeeded" not in page
    assert f"/deliveries?webhook_id={mine}&amp;since=" in page
    assert f"/webhooks/{mine}?range=30d" in page
    assert "51 ms" in page


def test_more_webhooks_failing_with_a_status_take_no_more_statements(
    sqlite_app: Flask, owner: Visitor, organization: Any
) -> None:
    def fail_with(status: int) -> None:
        id_ = webhook(organization.id)
        delivery(organization.id, id_, "failed", [(status, "status")])
        in_a_row = {"failing_since": 1, "consecutive_failures": 3}
        set_state(id_, last_failure_cause="status", **in_a_row)

    def statements() -> int:
        seen: list[str] = []

        def note(*arguments: Any) -> None:
            seen.append(arguments[2])

        sql_events.listen(db.engine, "before_cursor_execute", note)
        try:
            assert "HTTP 500" in owner.get("/webhooks").text
        finally:
            sql_events.remove(db.engine, "before_cursor_execute", note)
        return len(seen)

    fail_with(500)
    statements()
    before = statements()
    for status in (501, 502, 503):
        fail_with(status)
    # What is kept for a while is read again after a change.
    statements()
    assert statements() == before
