from typing import Any

import pytest
from flask import Flask

from app.domain.common.clock import now_ms
from app.queries.deliveries.walks import Counted
from app.queries.statistics import troubles
from app.services.accounts import organizations
from tests.services.publishing import webhook
from tests.web.records import delivery

HOUR = 3_600_000


def test_failed_deliveries_are_counted_from_the_start_of_each_webhook(
    app: Flask, organization: Any
) -> None:
    early, late, none = (webhook(organization.id) for _ in range(3))
    for id_ in (early, early, late):
        delivery(organization.id, id_, "failed")
    delivery(organization.id, early, "cancelled")
    other = organizations.create("Other").id
    delivery(other, webhook(other), "failed")
    now = now_ms()
    starts = {early: now - HOUR, late: now + HOUR, none: now - HOUR}
    numbers = troubles.failed_since(organization.id, starts)
    assert numbers == {
        early: Counted(2, is_all=True),
        late: Counted(0, is_all=True),
        none: Counted(0, is_all=True),
    }
    assert troubles.failed_since(organization.id, {}) == {}


def test_a_count_says_when_older_deliveries_were_not_examined(
    sqlite_app: Flask, organization: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(troubles, "EXAMINED", 1)
    id_, calm = webhook(organization.id), webhook(organization.id)
    for _ in range(2):
        delivery(organization.id, id_, "failed")
    start = now_ms() - HOUR
    numbers = troubles.failed_since(organization.id, {id_: start, calm: start})
    assert numbers[id_] == Counted(2, is_all=False)
    assert numbers[calm] == Counted(0, is_all=False)


def test_the_next_attempt_is_the_first_that_is_due(app: Flask, organization: Any) -> None:
    busy, idle = webhook(organization.id), webhook(organization.id)
    now = now_ms()
    for minutes in (9, 4):
        delivery(organization.id, busy, "retrying", next_at=now + minutes * 60_000)
    assert troubles.next_attempts(organization.id, [busy, idle]) == {busy: now + 240_000}
    assert troubles.next_attempts(organization.id, []) == {}


def test_the_last_status_is_that_of_the_newest_delivery_that_failed_with_one(
    app: Flask, organization: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = organizations.create("Other").id
    hooks = failing, silent, old = [webhook(organization.id) for _ in range(3)]
    foreign = webhook(other)
    delivery(organization.id, failing, "failed", [(500, "status")])
    delivery(organization.id, failing, "failed", [(503, "status")])
    delivery(organization.id, failing, "failed", [(None, "dns")])
    delivery(organization.id, silent, "failed", [(None, "dns")])
    delivery(other, foreign, "failed", [(502, "status")])
    statuses = troubles.last_statuses(organization.id, [*hooks, foreign])
    assert statuses == {failing: 503}
    monkeypatch.setattr(troubles, "NEWEST", 1)
    assert troubles.last_statuses(organization.id, [failing, old]) == {}
    assert troubles.last_statuses(organization.id, []) == {}
