"""A deleted organization: gone at once for everybody, and erased in the background."""

import sqlite3
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Table, event, func, select

from app.domain.common.clock import now_ms
from app.domain.common.errors import Invalid, NotFound
from app.engine.dispatcher import Dispatcher
from app.models import AuditEntry, Counter, JobFile, Organization, RetentionMark
from app.models.common.base import Base, db
from app.queries.accounts import users as accounts
from app.queries.deliveries.filters import DeliveryFilter
from app.runtime.context import runtime
from app.services.accounts import api_keys, deleting, invitations, organizations
from app.services.accounts.actor import SYSTEM
from app.services.events.publishing import publish
from app.services.jobs import service as jobs
from app.services.maintenance import erasing, retention
from app.services.maintenance.counters import add_up
from app.services.test_inbox import inboxes
from app.services.webhooks import service as webhooks
from app.store.transaction import write_transaction
from tests.services.old_events import existing_ids, old
from tests.services.people import person
from tests.services.publishing import draft, webhook
from tests.support.dispatchers import dispatcher_of
from tests.support.servers.receiver import Receiver

# Tables whose rows are erased with those of another.
WITH_EVENTS = {"events", "deliveries", "attempts", "due", "resends"}
WITH_WEBHOOKS = {"webhooks", "webhook_states", "notice_digests", "counters", "listeners"}
WITH_INBOXES = {"caught_requests"}


@pytest.fixture
def dispatcher(app: Any) -> Iterator[Dispatcher]:
    running = dispatcher_of(runtime())
    yield running
    running.close()


@pytest.fixture
def used(organization: Any, dispatcher: Dispatcher, receiver: Receiver) -> str:
    fill(organization.id, dispatcher, receiver)
    return str(organization.id)


def fill(id_: str, dispatcher: Dispatcher, receiver: Receiver) -> None:
    """Rows in most tables."""
    receiver.respond(500)
    webhook(id_, url=f"{receiver.url}/failing")
    paused = webhook(id_, url=f"{receiver.url}/paused")
    publish(id_, draft())
    dispatcher.run(10, linger=0)
    webhooks.pause(id_, paused, SYSTEM)
    publish(id_, draft())
    person(f"{id_[-12:]}@example.com", id_, "owner")
    invitations.create(id_, "ben@example.com", "member", SYSTEM)
    api_keys.create(id_, "key", actor=SYSTEM)
    inboxes.create(id_, {}, SYSTEM)
    job = jobs.start_matching(id_, DeliveryFilter(), SYSTEM, "resend")
    with write_transaction() as session:
        session.add(JobFile(job_id=job.id, start=0, content=b"x", expires_at=now_ms()))
    add_up(float("inf"))


def tables() -> list[Table]:
    """Those whose rows belong to an organization."""
    return [table for table in Base.metadata.sorted_tables if "organization_id" in table.c]


def rows_of(organization_id: str) -> dict[str, int]:
    """{table: number of rows}, where there are any."""
    numbers = {}
    for table in tables():
        own = select(func.count()).where(table.c.organization_id == organization_id)
        numbers[table.name] = db.session.scalar(own) or 0
    db.session.rollback()
    return {name: number for name, number in numbers.items() if number}


def erase() -> None:
    while retention.clean_some(now_ms()):
        pass


def test_every_table_of_an_organization_is_erased() -> None:
    models = (*erasing.LISTED, *erasing.FEW)
    erased = {model.__tablename__ for model in models}
    assert erased | WITH_EVENTS | WITH_WEBHOOKS | WITH_INBOXES == {table.name for table in tables()}


def test_everything_of_it_is_erased_and_nothing_of_others(
    used: str, dispatcher: Dispatcher, receiver: Receiver
) -> None:
    other = organizations.create("Other").id
    fill(other, dispatcher, receiver)
    before = rows_of(other)
    assert {*WITH_EVENTS - {"resends"}, "webhooks", "counters", "jobs"} <= rows_of(used).keys()
    deleting.delete_organization(used, "Acme Video", SYSTEM)
    erase()
    assert rows_of(used) == {}
    assert db.session.scalar(select(Organization.id).where(Organization.id == used)) is None
    assert rows_of(other) == before
    assert db.session.scalar(select(func.count()).select_from(Counter)) == before["counters"]
    assert db.session.scalar(select(func.count()).select_from(JobFile)) == 1
    [entry] = db.session.query(AuditEntry).filter_by(action="organization.delete")
    assert (entry.organization_id, entry.subject_id) == (None, used)
    assert entry.before["name"] == "Acme Video"


def test_it_is_gone_at_once(used: str, dispatcher: Dispatcher, receiver: Receiver) -> None:
    deleting.delete_organization(used, "Acme Video", SYSTEM)
    assert accounts.organization(used) is None
    assert used not in [row.id for row in accounts.organizations(50).rows]
    with pytest.raises(NotFound):
        deleting.delete_organization(used, "Acme Video", SYSTEM)
    received = len(receiver.requests)
    dispatcher.run(10, linger=0)
    assert len(receiver.requests) == received


def test_its_uid_is_free_again(organization: Any) -> None:
    first = organizations.create("First", uid="acme").id
    deleting.delete_organization(first, "First", SYSTEM)
    assert organizations.create("Second", uid="acme").uid == "acme"


@pytest.mark.parametrize("name", ["", "acme video", "Acme Video "])
def test_another_name_confirms_nothing(organization: Any, name: str) -> None:
    with pytest.raises(Invalid, match="not the organization's name"):
        deleting.delete_organization(organization.id, name, SYSTEM)
    assert accounts.organization(organization.id) is not None
    assert organization.suspended_at is None


@pytest.mark.long_on("postgresql")
def test_a_step_is_small_and_the_next_one_continues(
    used: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(erasing, "BATCH_SIZE", 1)
    monkeypatch.setattr(erasing, "WEBHOOKS", 1)
    deleting.delete_organization(used, "Acme Video", SYSTEM)
    steps, left = 0, sum(rows_of(used).values())
    while retention.clean_some(now_ms()):
        steps += 1
        now_left = sum(rows_of(used).values())
        assert now_left <= left
        left = now_left
    assert steps > 5
    assert left == 0


def test_events_are_erased_through_indexes(sqlite_app: Any, organization: Any) -> None:
    old(organization, webhook(organization.id), 5)
    deleting.delete_organization(organization.id, organization.name, SYSTEM)
    statements: list[tuple[str, Any]] = []
    event.listen(
        db.engine, "before_cursor_execute", lambda *parameters: statements.append(parameters[2:4])
    )
    assert retention.clean_some(now_ms())
    db.session.commit()
    with sqlite3.connect(str(db.engine.url.database)) as connection:
        plans = [
            row[3]
            for sql, parameters in statements
            if sql.startswith("DELETE FROM idempotency_keys")
            for row in connection.execute(f"EXPLAIN QUERY PLAN {sql}", parameters)
        ]
    [plan] = plans
    assert "organization_id=? AND key=?" in plan


def test_an_organization_that_cannot_be_erased_does_not_keep_others_waiting(
    sqlite_app: Any, organization: Any, caplog: pytest.LogCaptureFixture
) -> None:
    other = organizations.create("Other")
    old(organization, webhook(organization.id), 5)
    expired = old(other, webhook(other.id), 40)
    deleting.delete_organization(organization.id, organization.name, SYSTEM)
    with db.engine.begin() as connection:
        connection.exec_driver_sql(
            "CREATE TRIGGER damaged BEFORE DELETE ON events"
            f" WHEN OLD.organization_id = '{organization.id}'"
            " BEGIN SELECT RAISE(ABORT, 'this row is damaged'); END"
        )
    retention.clean_all()
    assert expired not in existing_ids()
    logged = [record for record in caplog.records if "retention of organization" in record.message]
    assert [record.message for record in logged] == [
        f"retention of organization {organization.id} failed"
    ]
    assert "this row is damaged" in str(logged[0].exc_info)
    mark = db.session.get_one(RetentionMark, organization.id)
    assert mark.next_at > now_ms()
    db.session.rollback()
    with db.engine.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER damaged")
    retention.clean_all()
    assert rows_of(organization.id) == {}
