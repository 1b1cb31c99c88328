"""A ledger that refuses, or is lost at a commit, so that nobody knows whether it was done."""

import sqlite3
from typing import Any

import pytest
from sqlalchemy import Connection, event, select, text

from app.engine.dispatcher import Dispatcher
from app.models import Worker
from app.models.base import db
from app.services.events import publishing as events
from app.store.transaction import write_transaction
from tests.engine.test_dispatcher import attempts, state_of
from tests.services.publishing import delivery_rows, draft, due_rows, webhook
from tests.support.receiver import Receiver
from tests.support.waiting import eventually

COUNT = 3


@pytest.mark.usefixtures("sqlite_app")
@pytest.mark.parametrize("end", ["COMMIT", "ROLLBACK"])
@pytest.mark.parametrize("nth", range(1, 7))
def test_whatever_became_of_it_each_is_sent_and_recorded_once(
    dispatcher: Dispatcher, organization: Any, receiver: Receiver, nth: int, end: str
) -> None:
    """The first enters the roll; the others claim or record."""
    webhook_id = webhook(organization.id, url=receiver.url)
    events.publish_batch(organization.id, [draft() for _ in range(COUNT)])
    left = nth

    def lose(connection: Connection) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            driver: Any = connection.connection.driver_connection
            driver.execute(end)
            raise sqlite3.OperationalError("the connection was lost")

    event.listen(dispatcher._queue._store._engine, "commit", lose)

    def drained() -> bool:
        dispatcher.run(1, linger=0)
        db.session.rollback()
        return not due_rows()

    eventually(drained)
    assert len(receiver.requests) == COUNT
    assert [one.number for one in attempts()] == [1] * COUNT
    assert {(one.state, one.attempts) for one in delivery_rows()} == {("succeeded", 1)}
    assert state_of(webhook_id).in_flight == 0
    assert len(list(db.session.scalars(select(Worker)))) == 1


@pytest.mark.usefixtures("sqlite_app")
def test_one_result_that_is_refused_keeps_no_other_out(
    dispatcher: Dispatcher, organization: Any, receiver: Receiver
) -> None:
    good, bad = (webhook(organization.id, url=f"{receiver.url}/{name}") for name in ("ok", "bad"))
    with write_transaction() as session:
        session.execute(
            text(
                "CREATE TRIGGER refuse BEFORE INSERT ON attempts WHEN NEW.url LIKE '%/bad'"
                " BEGIN SELECT RAISE(ABORT, 'refused'); END"
            )
        )
    events.publish(organization.id, draft())
    dispatcher.run(5, linger=0)
    recorded = {one.webhook_id: (one.status, one.detail) for one in attempts()}
    assert recorded == {good: (200, ""), bad: (200, "the details could not be recorded")}
    assert {one.state for one in delivery_rows()} == {"succeeded"}
    assert due_rows() == []
