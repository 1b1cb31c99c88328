"""A database that rejects a write, or disconnects during a commit."""

import sqlite3
from typing import Any

import pytest
from sqlalchemy import Connection, event, select, text

from app.engine.dispatcher import Dispatcher
from app.models import Worker
from app.models.common.base import db
from app.services.events import publishing as events
from app.store.transaction import write_transaction
from tests.engine.test_dispatcher import attempts, state_of
from tests.services.publishing import delivery_rows, draft, due_rows, webhook
from tests.support.servers.receiver import Receiver
from tests.support.waiting import eventually

COUNT = 3


@pytest.mark.usefixtures("sqlite_app")
@pytest.mark.parametrize("end", ["COMMIT", "ROLLBACK"])
@pytest.mark.parametrize("nth", range(1, 7))
def test_each_delivery_is_sent_and_recorded_once_after_a_lost_commit(
    dispatcher: Dispatcher, organization: Any, receiver: Receiver, nth: int, end: str
) -> None:
    """The first commit registers the worker; the others claim or record."""
    webhook_id = webhook(organization.id, url=receiver.url)
    events.publish_batch(organization.id, [draft() for _ in range(COUNT)])
    remaining = nth

    def lose(connection: Connection) -> None:
        nonlocal remaining
        remaining -= 1
        if remaining == 0:
            driver: Any = connection.connection.driver_connection
            driver.execute(end)
            raise sqlite3.OperationalError("the connection was lost")

    event.listen(dispatcher._queue._connection._engine, "commit", lose)

    def is_done() -> bool:
        dispatcher.run(1, linger=0)
        db.session.rollback()
        return not due_rows()

    eventually(is_done)
    assert len(receiver.requests) == COUNT
    assert [attempt.number for attempt in attempts()] == [1] * COUNT
    assert {(row.state, row.attempts) for row in delivery_rows()} == {("succeeded", 1)}
    assert state_of(webhook_id).in_flight == 0
    assert len(list(db.session.scalars(select(Worker)))) == 1


@pytest.mark.usefixtures("sqlite_app")
def test_a_worker_whose_registration_was_rolled_back_does_not_use_the_id_of_another(
    dispatcher: Dispatcher, organization: Any, receiver: Receiver
) -> None:
    def lose(connection: Connection) -> None:
        event.remove(engine, "commit", lose)
        connection.connection.driver_connection.execute("ROLLBACK")
        raise sqlite3.OperationalError("database or disk is full")

    engine = dispatcher._queue._connection._engine
    event.listen(engine, "commit", lose)
    dispatcher.run(1, linger=0)
    lost = dispatcher._queue.worker_id
    with write_transaction() as session:
        session.add(Worker(id=lost, name="other", started_at=0, seen_at=0))
    webhook(organization.id, url=receiver.url)
    events.publish(organization.id, draft())

    def is_done() -> bool:
        dispatcher.run(1, linger=0)
        db.session.rollback()
        return not due_rows()

    eventually(is_done)
    assert dispatcher._queue.worker_id != lost
    assert len(receiver.requests) == 1


@pytest.mark.usefixtures("sqlite_app")
def test_a_rejected_result_does_not_prevent_others_from_being_recorded(
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
    dispatcher.run(30, linger=0)
    recorded = {row.webhook_id: (row.status, row.detail) for row in attempts()}
    assert recorded == {good: (200, ""), bad: (200, "the details could not be recorded")}
    assert {row.state for row in delivery_rows()} == {"succeeded"}
    assert due_rows() == []
