from typing import Any

import pytest
from flask import Flask

from app.domain.common.clock import now_ms
from app.domain.webhooks.failing import CONSECUTIVE
from app.models import EventType, WebhookState
from app.models.common.base import db
from app.queries.event_types import catalogue as event_types
from app.queries.statistics import overview
from app.services.accounts import organizations
from app.store.transaction import write_transaction
from tests.services.publishing import webhook
from tests.web.records import delivery

HOUR = 3_600_000


def fail(webhook_id: str, since: int) -> None:
    with write_transaction() as session:
        state = session.get_one(WebhookState, webhook_id)
        state.failing_since, state.consecutive_failures = since, CONSECUTIVE


def test_health_is_that_of_the_worst_webhook(app: Flask, organization: Any) -> None:
    hook = webhook(organization.id)
    assert overview.health(organization.id) == "green"
    fail(hook, now_ms())
    assert overview.health(organization.id) == "amber"
    webhook(organization.id, is_active=False, disabled_reason="gone", disabled_at=now_ms())
    assert overview.health(organization.id) == "red"


def test_a_paused_webhook_needs_no_attention(app: Flask, organization: Any) -> None:
    fail(webhook(organization.id, is_active=False), now_ms())
    assert overview.health(organization.id) == "green"
    assert overview.troubled(organization.id) == []


def test_the_longest_failing_webhook_comes_first(app: Flask, organization: Any) -> None:
    late, early = webhook(organization.id), webhook(organization.id)
    fail(late, now_ms())
    fail(early, now_ms() - HOUR)
    troubled = overview.troubled(organization.id)
    assert [trouble.webhook.id for trouble in troubled] == [early, late]
    off = webhook(organization.id, is_active=False, disabled_reason="gone", disabled_at=now_ms())
    troubled = overview.troubled(organization.id)
    assert [trouble.webhook.id for trouble in troubled] == [off, early, late]


def test_another_organizations_failing_webhooks_are_separate(app: Flask, organization: Any) -> None:
    fail(webhook(organizations.create("Other").id), now_ms())
    assert overview.health(organization.id) == "green"


def test_only_deliveries_that_could_be_sent_now_are_counted(app: Flask, organization: Any) -> None:
    now = now_ms()
    hook, paused = webhook(organization.id), webhook(organization.id, is_active=False)
    delivery(organization.id, hook, "pending", (), next_at=now - HOUR)
    delivery(organization.id, hook, "retrying", next_at=now + HOUR)
    delivery(organization.id, paused, "pending", (), next_at=now - HOUR)
    waiting = overview.waiting(organization.id, now)
    assert (waiting.due, waiting.oldest_at, waiting.capped) == (1, now - HOUR, False)


def test_the_oldest_waiting_delivery_is_exact_beyond_the_count(
    app: Flask, organization: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(overview, "COUNTED", 2)
    now, hooks = now_ms(), [webhook(organization.id), webhook(organization.id)]
    for minutes in (1, 2, 9, 3):
        at = now - minutes * 60_000
        delivery(organization.id, hooks[minutes % 2], "pending", (), next_at=at)
    other = organizations.create("Other").id
    delivery(other, webhook(other), "pending", (), next_at=now - HOUR)
    waiting = overview.waiting(organization.id, now)
    assert (waiting.due, waiting.oldest_at, waiting.capped) == (2, now - 540_000, True)


def test_only_existing_webhooks_are_counted(app: Flask, organization: Any) -> None:
    webhook(organization.id, is_active=False)
    webhook(organization.id, deleted_at=1)
    webhook(organization.id, kind="callback")
    webhook(organizations.create("Other").id)
    assert overview.webhook_count(organization.id) == 1


def test_the_catalogue_is_in_alphabetical_order(app: Flask, organization: Any) -> None:
    with write_transaction():
        for name in ("b.two", "a.one"):
            db.session.add(EventType(organization_id=organization.id, name=name, created_at=1))
    assert event_types.names(organization.id) == ["a.one", "b.two"]
