"""Rows of SQLite with text where a number belongs concern only their own delivery or webhook."""

from typing import Any

import pytest
from sqlalchemy import select, text

from app.domain.common.clock import now_ms
from app.domain.common.ids import first_id_of
from app.engine.dispatcher import Dispatcher
from app.models import Attempt, WebhookState
from app.models.common.base import db
from app.services.events import publishing as events
from app.store.transaction import write_transaction
from tests.services.publishing import delivery_rows, draft, due_rows, webhook
from tests.support.servers.receiver import Receiver
from tests.support.waiting import eventually

pytestmark = pytest.mark.usefixtures("sqlite_app")


def _execute(statement: str, **values: Any) -> None:
    with write_transaction() as session:
        session.execute(text(statement), values)


def _run(dispatcher: Dispatcher) -> None:
    def is_done() -> bool:
        dispatcher.run(1, linger=0)
        db.session.rollback()
        return not due_rows()

    eventually(is_done)


def _states() -> dict[str, tuple[str, str | None]]:
    return {row.webhook_id: (row.state, row.last_cause) for row in delivery_rows()}


@pytest.mark.parametrize("column", ["attempt", "run_start", "next_at", "bytes"])
def test_a_damaged_row_of_the_due_queue_fails_its_delivery_with_the_reason(
    dispatcher: Dispatcher, organization: Any, receiver: Receiver, column: str
) -> None:
    bad, good = (webhook(organization.id, url=receiver.url) for _ in range(2))
    events.publish(organization.id, draft())
    _execute(f"UPDATE due SET {column} = 'many' WHERE webhook_id = :id", id=bad)
    _run(dispatcher)
    assert _states() == {bad: ("failed", "unrenderable"), good: ("succeeded", "ok")}
    [attempt] = db.session.scalars(select(Attempt).where(Attempt.webhook_id == bad))
    assert f"{column} = 'many'" in attempt.detail
    assert attempt.retried is False


def test_the_attempt_of_a_damaged_row_that_waited_long_is_found_by_its_time(
    dispatcher: Dispatcher, organization: Any, receiver: Receiver
) -> None:
    webhook(organization.id, url=receiver.url)
    events.publish(organization.id, draft())
    old = first_id_of(now_ms() - 3_600_000)
    _execute("UPDATE due SET attempt = 'many', delivery_id = :id", id=old)
    _execute("UPDATE deliveries SET id = :id", id=old)
    _run(dispatcher)
    [attempt] = db.session.scalars(select(Attempt))
    assert attempt.late_at == attempt.started_at


def test_the_next_delivery_of_an_ordering_key_follows_a_damaged_one(
    dispatcher: Dispatcher, organization: Any, receiver: Receiver
) -> None:
    webhook(organization.id, url=receiver.url, ordered=True)
    for _ in range(2):
        events.publish(organization.id, draft(ordering_key="k"))
    _execute("UPDATE due SET attempt = 'many' WHERE head")
    _run(dispatcher)
    assert sorted(row.state for row in delivery_rows()) == ["failed", "succeeded"]


@pytest.mark.parametrize("column", ["in_flight", "window", "tat", "failing_since"])
def test_a_damaged_state_of_a_webhook_is_reset(
    dispatcher: Dispatcher, organization: Any, receiver: Receiver, column: str
) -> None:
    bad, good = (
        webhook(organization.id, url=receiver.url, rate_limit_per_second=50) for _ in range(2)
    )
    events.publish(organization.id, draft())
    _execute(f"UPDATE webhook_states SET \"{column}\" = 'many' WHERE webhook_id = :id", id=bad)
    receiver.respond(500, times=1)
    _execute("UPDATE webhooks SET retry_policy = :p", p='{"kind":"schedule","delays_seconds":[1]}')
    _run(dispatcher)
    assert {state for state, _ in _states().values()} == {"succeeded"}
    db.session.rollback()
    assert db.session.get_one(WebhookState, bad).in_flight == 0
    assert set(_states()) == {bad, good}


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("max_in_flight", "many"),
        ("rate_limit_per_second", "many"),
        ("timeout_seconds", "long"),
        ("headers", "["),
        ("event_types", "7"),
    ],
)
def test_deliveries_of_a_webhook_with_damaged_settings_fail_with_the_reason(
    dispatcher: Dispatcher, organization: Any, receiver: Receiver, column: str, value: str
) -> None:
    bad, good = (webhook(organization.id, url=receiver.url) for _ in range(2))
    events.publish(organization.id, draft())
    _execute(f"UPDATE webhooks SET {column} = :v, version = 9 WHERE id = :id", v=value, id=bad)
    _run(dispatcher)
    assert _states() == {bad: ("failed", "unrenderable"), good: ("succeeded", "ok")}
    [attempt] = db.session.scalars(select(Attempt).where(Attempt.webhook_id == bad))
    assert column in attempt.detail
