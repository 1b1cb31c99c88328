"""The cost of claiming does not grow with the backlog of a dead receiver."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Connection, insert, text

from app.domain.common.ids import new_id
from app.engine.due_queue.postgresql import _CLAIM, _FINISH, _READY, _RELEASE, Postgresql
from app.engine.due_queue.sqlite import Sqlite
from app.models import Due
from app.models.common.base import db
from tests.services.publishing import webhook

NOW = 1_700_000_000_000
FEW, MANY = 300, 20_000
HEALTHY, EACH = 5, 20


@pytest.fixture
def webhooks(organization: Any) -> list[str]:
    """The first one has a dead receiver."""
    ids = [webhook(organization.id) for _ in range(1 + HEALTHY)]
    for webhook_id in ids[1:]:
        _add_due(organization.id, webhook_id, EACH)
    return ids


def _add_due(organization_id: str, webhook_id: str, count: int) -> None:
    columns = {"organization_id": organization_id, "webhook_id": webhook_id, "bytes": 100}
    rows = [
        columns | {"delivery_id": new_id(), "event_id": new_id(), "next_at": NOW - 1_000_000 + n}
        for n in range(count)
    ]
    with db.engine.begin() as connection:
        connection.execute(insert(Due.__table__), rows)


def _steps(connection: Connection, webhooks: list[str]) -> int:
    """Steps of SQLite's virtual machine for reading the backlog and claiming from each webhook."""
    steps = 0

    def count() -> int:
        nonlocal steps
        steps += 1
        return 0

    driver: Any = connection.connection.driver_connection
    due_queue = Sqlite()
    driver.set_progress_handler(count, 1)
    try:
        assert len(due_queue.ready(connection)) == 1 + HEALTHY
        claimed = due_queue.claim(connection, 1, [(id_, EACH) for id_ in webhooks], NOW)
    finally:
        driver.set_progress_handler(None, 1)
    assert len(claimed) == EACH * len(webhooks)
    return steps


def test_claiming_on_sqlite_takes_equally_many_steps(
    sqlite_app: Flask, organization: Any, webhooks: list[str]
) -> None:
    steps = []
    for more in (FEW, MANY):
        _add_due(organization.id, webhooks[0], more)
        with db.engine.connect() as connection, connection.begin() as transaction:
            steps.append(_steps(connection, webhooks))
            transaction.rollback()
    assert steps[1] <= steps[0] * 1.1


def _examined(plan: dict[str, Any]) -> tuple[int, set[str]]:
    """Rows of `due` read below this node, filtered out or not, and the indexes used."""
    rows, indexes = 0, set()
    if plan.get("Relation Name") == "due" and plan["Node Type"] != "ModifyTable":
        each = plan["Actual Rows"] + plan.get("Rows Removed by Filter", 0)
        rows = round(each * plan["Actual Loops"])
        indexes = {plan.get("Index Name", plan["Node Type"])}
    for part in plan.get("Plans", ()):
        more, others = _examined(part)
        rows, indexes = rows + more, indexes | others
    return rows, indexes


def test_claiming_on_postgresql_reads_equally_many_rows_through_its_index(
    postgres_app: Flask, organization: Any, webhooks: list[str]
) -> None:
    quotas = (1, webhooks, [EACH] * len(webhooks), NOW)
    for more in (FEW, MANY):
        _add_due(organization.id, webhooks[0], more)
        with db.engine.connect() as connection:
            connection.execute(text("ANALYZE due"))
            for statement, parameters, limit in ((_READY, (), 1), (_CLAIM, quotas, EACH)):
                explained = connection.exec_driver_sql(
                    f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", parameters
                ).scalar_one()
                rows, indexes = _examined(explained[0]["Plan"])
                assert indexes <= {"ix_due_free", "pk_due"}
                # A row is read once through the index and once by primary key for the update.
                assert 0 < rows <= 2 * limit * len(webhooks)
            connection.rollback()


def test_recording_on_postgresql_reads_each_claimed_row_once(
    postgres_app: Flask, organization: Any, webhooks: list[str]
) -> None:
    _add_due(organization.id, webhooks[0], MANY)
    with db.engine.connect() as connection:
        # The statistics of a backlog that waits: nothing is claimed.
        connection.execute(text("ANALYZE due"))
        claimed = Postgresql().claim(connection, 1, [(webhooks[0], 400)], NOW)
        fences = ([row[0] for row in claimed], [1] * 400, [row[5] for row in claimed])
        for statement in (_FINISH, _RELEASE):
            explained = connection.exec_driver_sql(
                f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", fences
            ).scalar_one()
            rows, _ = _examined(explained[0]["Plan"])
            assert 0 < rows <= MANY + HEALTHY * EACH
        connection.rollback()
