from typing import Any

import pytest
from flask import Flask

from app.domain.common.clock import now_ms
from app.models import WebhookState
from app.models.common.base import db
from app.queries.statistics import failing, overview
from app.services.accounts import organizations
from app.store.transaction import write_transaction
from tests.services.maintenance.test_counters import tally
from tests.services.publishing import webhook

HOUR = 3_600_000


def set_state(webhook_id: str, **columns: object) -> None:
    with write_transaction() as session:
        state = session.get_one(WebhookState, webhook_id)
        for name, value in columns.items():
            setattr(state, name, value)


def test_one_failed_attempt_among_successes_is_not_failing(app: Flask, organization: Any) -> None:
    now = now_ms()
    hook = webhook(organization.id)
    set_state(hook, failing_since=now, last_failure_at=now, consecutive_failures=1)
    tally(organization.id, hook, now, succeeded=79, retrying=21)
    assert failing.of_organization(organization.id) == {}
    assert overview.health(organization.id) == "green"
    assert overview.troubled(organization.id) == []


def test_a_rate_of_failures_is_failing_with_its_numbers(app: Flask, organization: Any) -> None:
    now = now_ms()
    hook = webhook(organization.id)
    set_state(hook, last_failure_at=now)
    tally(organization.id, hook, now, succeeded=18, retrying=30, failed=2)
    tally(organization.id, hook, now - 2 * HOUR, succeeded=500)
    [reason] = failing.of_organization(organization.id).values()
    assert (reason.failed, reason.attempts, reason.in_a_row) == (32, 50, False)
    assert overview.health(organization.id) == "amber"
    assert [trouble.failing for trouble in overview.troubled(organization.id)] == [reason]


def test_failures_of_a_paused_webhook_or_another_organization_do_not_count(
    app: Flask, organization: Any
) -> None:
    now = now_ms()
    paused = webhook(organization.id, is_active=False)
    foreign = webhook(organizations.create("Other").id)
    for hook in (paused, foreign):
        set_state(hook, failing_since=now, last_failure_at=now, consecutive_failures=9)
    assert failing.of_organization(organization.id) == {}


def test_a_webhook_that_fails_is_noticed_behind_many_that_do_not(
    app: Flask, organization: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(failing, "FIRST", 1)
    now = now_ms()
    healthy, bad = webhook(organization.id), webhook(organization.id)
    tally(organization.id, healthy, now, succeeded=50, retrying=1)
    tally(organization.id, bad, now, retrying=30)
    set_state(bad, last_failure_at=now - 1000)
    set_state(healthy, last_failure_at=now)
    assert failing.has_any(organization.id)
    tally(organization.id, bad, now, succeeded=100)
    assert not failing.has_any(organization.id)


def test_what_a_page_has_read_of_the_last_hour_is_not_read_again(
    app: Flask, organization: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = now_ms()
    bad, good = webhook(organization.id), webhook(organization.id)
    tally(organization.id, bad, now, retrying=30)
    tally(organization.id, good, now, succeeded=30, retrying=1)
    for hook in (bad, good):
        set_state(hook, last_failure_at=now)
    known = failing.by_rate(organization.id)
    assert (known.examined, list(known.failing)) == ({bad, good}, [bad])
    states = [db.session.get_one(WebhookState, hook) for hook in (bad, good)]
    monkeypatch.setattr(failing, "outcome_sums", lambda *_: pytest.fail("Read again."))
    assert list(failing.of_states(organization.id, states, known)) == [bad]
    assert overview.health(organization.id, (), known) == "amber"
