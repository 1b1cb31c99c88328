"""Body expressions that are not provably cheap, in the dispatcher."""

import json
from typing import Any

import pytest
from sqlalchemy import select

from app.domain.notifications.system_events import DISABLED, FAILING
from app.engine.dispatcher import Dispatcher
from app.models import ExpressionOverrun, Notice, Webhook
from app.models.common.base import db
from app.services.events.publishing import publish
from app.store.overruns import MAX_OVERRUNS
from tests.domain.hostile import HOSTILE, payload
from tests.services.publishing import delivery_rows, draft, due_rows, webhook
from tests.support.servers.receiver import Receiver

LOOP = "{names: payload.files[*].name}"


def custom(organization_id: str, receiver: Receiver, expression: str, **more: Any) -> str:
    columns = {"body_format": "custom", "body_expression": expression} | more
    return webhook(organization_id, url=receiver.url, **columns)


def outcomes() -> dict[str, list[tuple[str, str | None]]]:
    rows: dict[str, list[tuple[str, str | None]]] = {}
    for row in delivery_rows():
        rows.setdefault(row.webhook_id, []).append((row.state, row.last_cause))
    return rows


def test_a_body_with_a_loop_is_sent_as_any_other(
    dispatcher: Dispatcher, organization: Any, receiver: Receiver
) -> None:
    custom(organization.id, receiver, LOOP)
    publish(organization.id, draft(payload=b'{"files":[{"name":"a"},{"name":"b"}]}'))
    dispatcher.run(10, linger=0)
    [request] = receiver.requests
    assert json.loads(request.body) == {"names": ["a", "b"]}
    assert due_rows() == []


def test_a_body_over_its_budget_fails_its_own_delivery_with_a_clear_reason(
    dispatcher: Dispatcher, organization: Any, receiver: Receiver
) -> None:
    hostile = custom(organization.id, receiver, HOSTILE["filters"])
    other = webhook(organization.id, url=receiver.url)
    publish(organization.id, draft(payload=payload("numbers")))
    dispatcher.run(10, linger=0)
    assert outcomes() == {
        hostile: [("failed", "over_budget")],
        other: [("succeeded", "ok")],
    }
    assert due_rows() == []


@pytest.mark.long_on("postgresql")
def test_a_body_that_exceeds_its_budget_again_and_again_disables_its_webhook(
    dispatcher: Dispatcher, organization: Any, receiver: Receiver
) -> None:
    hostile = custom(organization.id, receiver, HOSTILE["filters"])
    for number in range(MAX_OVERRUNS):
        publish(organization.id, draft(payload=payload("numbers")))
        if number == MAX_OVERRUNS // 2:
            dispatcher.run(20, linger=0)
    dispatcher.run(30, linger=0)
    row = db.session.get_one(Webhook, hostile, populate_existing=True)
    assert not row.is_active
    assert row.disabled_reason == "Its body expression exceeded its budget 20 times in a row."
    notices = db.session.scalars(select(Notice.kind).where(Notice.kind.in_([DISABLED, FAILING])))
    assert DISABLED in notices.all()


def test_a_body_within_its_budget_starts_the_count_again(
    dispatcher: Dispatcher, organization: Any, receiver: Receiver
) -> None:
    custom(organization.id, receiver, HOSTILE["filters"])
    publish(organization.id, draft(payload=payload("numbers")))
    dispatcher.run(10, linger=0)
    assert db.session.scalars(select(ExpressionOverrun.number)).all() == [1]
    publish(organization.id, draft(payload=b'{"numbers":[6]}'))
    dispatcher.run(10, linger=0)
    assert db.session.scalars(select(ExpressionOverrun.number)).all() == []
    assert len(receiver.requests) == 1
