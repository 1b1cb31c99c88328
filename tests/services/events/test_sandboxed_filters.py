"""Filters that are not provably cheap, in the path of publishing."""

from typing import Any

import pytest
from sqlalchemy import func, select

from app.domain.notifications.system_events import DISABLED, FAILING
from app.models import Event, ExpressionOverrun, Notice, Webhook
from app.models.common.base import db
from app.queries.events.unmatched import unmatched
from app.runtime import expressions
from app.runtime.context import runtime
from app.runtime.sandbox.pool import SandboxOfProcess
from app.services.accounts.actor import SYSTEM
from app.services.events.publishing import publish, publish_batch
from app.services.notifications import notices
from app.services.webhooks.service import resume
from app.store.overruns import MAX_OVERRUNS
from tests.domain.hostile import HOSTILE, payload
from tests.services.notifications.test_notices import notice
from tests.services.publishing import draft, webhook

LOOP = "payload.files[?size > `5`]"
MATCHING, OTHER = b'{"files":[{"size":6}]}', b'{"files":[{"size":5}]}'


def receivers(published: Any) -> set[str | None]:
    return {delivery.webhook_id for delivery in published.deliveries}


def reasons(organization_id: str, event_id: str) -> dict[str, tuple[str, str]]:
    event = db.session.get_one(Event, event_id)
    refused = unmatched(organization_id, event)
    return {webhook.id: (refusal.reason, refusal.detail) for webhook, refusal in refused}


def test_a_filter_that_needs_the_sandbox_matches_like_any_other(organization: Any) -> None:
    filtered = webhook(organization.id, filter=LOOP)
    for _ in range(2):
        assert receivers(publish(organization.id, draft(payload=MATCHING))) == {filtered}
        assert receivers(publish(organization.id, draft(payload=OTHER))) == set()


def test_a_filter_sees_the_id_and_the_time_with_which_the_event_is_stored(
    organization: Any,
) -> None:
    webhook(organization.id)
    webhook(organization.id, filter="[id, occurred_at][?@ == 'x'] == `[]`")
    publish(organization.id, draft())
    published = publish(organization.id, draft())
    assert len(published.deliveries) == 2
    event = db.session.get_one(Event, published.id)
    assert abs(event.created_at - event.occurred_at) < 60_000


def test_filters_of_a_batch_run_together(organization: Any) -> None:
    filtered = webhook(organization.id, filter=LOOP)
    first, second, third = publish_batch(
        organization.id, [draft(payload=item) for item in (MATCHING, OTHER, MATCHING)]
    )
    assert [receivers(item) for item in (first, second, third)] == [{filtered}, set(), {filtered}]


def test_a_one_time_webhook_may_have_a_sandboxed_filter(organization: Any) -> None:
    once = webhook(organization.id, filter=LOOP, once=True)
    assert receivers(publish(organization.id, draft(payload=OTHER))) == set()
    assert receivers(publish(organization.id, draft(payload=MATCHING))) == {once}
    assert receivers(publish(organization.id, draft(payload=MATCHING))) == set()


def test_a_repeat_with_a_sandboxed_filter_gets_the_same_response(organization: Any) -> None:
    webhook(organization.id, filter=LOOP)
    first = publish(organization.id, draft(payload=MATCHING, producer_id="one"))
    again = publish(organization.id, draft(payload=MATCHING, producer_id="one"))
    assert (again.id, again.duplicate) == (first.id, True)
    assert db.session.scalar(select(func.count(Event.id))) == 1


def test_system_events_pass_sandboxed_filters(organization: Any) -> None:
    failing = webhook(organization.id)
    notified = webhook(
        organization.id, event_types=[FAILING], filter="keys(payload)[?@ == 'webhook'] | [0]"
    )
    notice(organization, failing)
    notices.work(float("inf"))
    event = db.session.scalars(select(Event).where(Event.type == FAILING)).one()
    assert notified not in reasons(organization.id, event.id)


def test_a_filter_over_its_budget_affects_only_its_own_webhook(organization: Any) -> None:
    hostile = webhook(organization.id, filter=HOSTILE["filters"])
    filtered = webhook(organization.id, filter="length(keys(payload)) == `1`")
    published = publish(organization.id, draft(payload=payload("numbers")))
    assert receivers(published) == {filtered}
    reason, detail = reasons(organization.id, published.id)[hostile]
    assert reason == "filter_budget"
    assert detail == (
        "The filter exceeded its budget: It takes too much time on this event: "
        "more than 50 ms of CPU."
    )


def test_filters_of_an_organization_share_a_budget_per_event(organization: Any) -> None:
    hostile = [webhook(organization.id, filter=f"{HOSTILE['filters']}|[{n}]") for n in range(6)]
    published = publish(organization.id, draft(payload=payload("numbers")))
    reasons_by_webhook = reasons(organization.id, published.id)
    assert [reasons_by_webhook[webhook_id][0] for webhook_id in hostile] == [
        "filter_budget"
    ] * 4 + ["filter"] * 2
    assert "together exceed the budget" in reasons_by_webhook[hostile[5]][1]
    counted = db.session.scalars(select(ExpressionOverrun.webhook_id)).all()
    assert sorted(counted) == hostile[:4]


@pytest.mark.long_on("postgresql")
def test_a_webhook_is_disabled_when_its_filter_keeps_exceeding_the_budget(
    organization: Any,
) -> None:
    hostile = webhook(organization.id, filter=HOSTILE["filters"])
    for _ in range(MAX_OVERRUNS - 1):
        publish(organization.id, draft(payload=payload("numbers")))
    assert db.session.get_one(Webhook, hostile).is_active
    publish(organization.id, draft(payload=payload("numbers")))
    row = db.session.get_one(Webhook, hostile, populate_existing=True)
    assert not row.is_active
    assert row.disabled_reason == "Its filter exceeded its budget 20 times in a row."
    notice = db.session.scalars(select(Notice)).one()
    assert (notice.kind, notice.webhook_id) == (DISABLED, hostile)
    resume(organization.id, hostile, SYSTEM)
    assert db.session.scalars(select(ExpressionOverrun)).all() == []


def test_an_event_within_the_budget_resets_the_count(organization: Any) -> None:
    webhook(organization.id, filter=HOSTILE["filters"])
    publish(organization.id, draft(payload=payload("numbers")))
    assert db.session.scalars(select(ExpressionOverrun.number)).all() == [1]
    publish(organization.id, draft(payload=b'{"numbers":[6]}'))
    assert db.session.scalars(select(ExpressionOverrun.number)).all() == []


def test_a_filter_that_evades_metering_is_stopped(
    organization: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = "payload.numbers[?@ > `1`]"
    # As if counting were wrong: a budget that the sandbox's own limits end long before.
    monkeypatch.setattr(expressions, "EVENT_UNITS", 1 << 40)
    limits = expressions.Limits("tests.runtime.endless", memory=256 << 20, cpu=0.2, wall=10.0)
    runtime().expression_sandbox = SandboxOfProcess(lambda: expressions.Sandbox(limits))
    hostile, filtered = webhook(organization.id, filter=slow), webhook(organization.id, filter=LOOP)
    published = publish(organization.id, draft(payload=MATCHING))
    assert receivers(published) == {filtered}
    assert reasons(organization.id, published.id)[hostile] == (
        "filter_budget",
        "The filter exceeded its budget: Stopped: used too much CPU for this event.",
    )
