import sqlite3
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, update

from app.domain.common.clock import now_ms
from app.models import Attempt, Delivery
from app.models.common.base import db
from app.queries import issues as issue_queries
from app.services.accounts import organizations
from app.services.accounts.actor import SYSTEM
from app.services.issues import acknowledgements
from app.store.transaction import write_transaction
from tests.services.publishing import webhook
from tests.web.records import delivery

MINUTE = 60_000


def failed(organization_id: str, hook: str, status: int | None, cause: str, ago: int) -> str:
    """The id of a delivery that failed so many milliseconds ago."""
    id_ = delivery(organization_id, hook, "failed", [(503, "status"), (status, cause)])
    with write_transaction() as session:
        statement = update(Delivery).where(Delivery.id == id_)
        session.execute(statement.values(updated_at=now_ms() - ago))
    return id_


def summaries(organization_id: str) -> list[tuple[str, str, int | None, int, int]]:
    """(webhook, cause, status, number, fresh) in order."""
    return [
        (group.webhook.id, group.cause, group.status, group.number, group.fresh)
        for group in issue_queries.page(organization_id).groups
    ]


def test_issues_group_failures_by_webhook_and_cause(app: Flask, organization: Any) -> None:
    own, first, two = organization.id, webhook(organization.id), webhook(organization.id)
    failed(own, first, 503, "status", 9 * MINUTE)
    failed(own, first, 503, "status", 5 * MINUTE)
    failed(own, first, 404, "status", 4 * MINUTE)
    failed(own, first, None, "tls_expired", 3 * MINUTE)
    failed(own, two, None, "tls_expired", 2 * MINUTE)
    # Only of an answer that was the trouble itself, the status tells troubles apart.
    failed(own, two, 200, "timeout_read", MINUTE)
    failed(own, two, None, "timeout_read", MINUTE)
    delivery(own, first, "succeeded", [(200, "ok")])
    delivery(own, first, "skipped", ())
    assert summaries(own) == [
        (two, "timeout_read", None, 2, 2),
        (two, "tls_expired", None, 1, 1),
        (first, "tls_expired", None, 1, 1),
        (first, "status", 404, 1, 1),
        (first, "status", 503, 2, 2),
    ]


def test_an_issue_has_a_start_time_and_a_detail(app: Flask, organization: Any) -> None:
    own, hook, now = organization.id, webhook(organization.id), now_ms()
    failed(own, hook, None, "tls_expired", 9 * MINUTE)
    newest = failed(own, hook, None, "tls_expired", MINUTE)
    with write_transaction() as session:
        last = update(Attempt).where(Attempt.delivery_id == newest, Attempt.number == 2)
        session.execute(last.values(detail="it expired on 2 Feb 2026"))
    [group] = issue_queries.page(own).groups
    assert (group.newest_id, group.detail) == (newest, "it expired on 2 Feb 2026")
    assert group.since == pytest.approx(now - 9 * MINUTE, abs=MINUTE / 2)
    assert group.last == pytest.approx(now - MINUTE, abs=MINUTE / 2)


def test_an_acknowledged_issue_reopens_with_a_later_failure(app: Flask, organization: Any) -> None:
    own, hook = organization.id, webhook(organization.id)
    failed(own, hook, 503, "status", 9 * MINUTE)
    acknowledgements.acknowledge(own, hook, "status", 503, SYSTEM, "ticket 7")
    known = issue_queries.page(own)
    assert known.open == []
    [group] = known.acknowledged
    assert group.acknowledged is not None
    assert group.acknowledged.note == "ticket 7"
    failed(own, hook, 503, "status", -MINUTE)
    failed(own, hook, 500, "status", 5 * MINUTE)
    assert summaries(own) == [(hook, "status", 503, 2, 1), (hook, "status", 500, 1, 1)]
    [group, _] = issue_queries.page(own).open
    assert group.since > now_ms()


def test_another_organizations_issues_are_separate(app: Flask, organization: Any) -> None:
    other = organizations.create("Other").id
    failed(other, webhook(other), 503, "status", 0)
    assert issue_queries.page(organization.id).groups == []


def test_the_number_of_examined_failures_is_bounded(
    app: Flask, organization: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    own, hook = organization.id, webhook(organization.id)
    for _ in range(3):
        failed(own, hook, 503, "status", 0)
    assert issue_queries.page(own).is_all
    monkeypatch.setattr(issue_queries, "EXAMINED", 2)
    issues = issue_queries.page(own)
    assert ([group.number for group in issues.groups], issues.is_all) == ([2], False)


def test_another_organizations_webhook_is_not_returned(app: Flask, organization: Any) -> None:
    gone = webhook(organization.id, deleted_at=1)
    lane = webhook(organization.id, kind="callback")
    other = organizations.create("Other").id
    assert issue_queries.webhook_of(organization.id, gone) is None
    assert issue_queries.webhook_of(other, lane) is None
    assert issue_queries.webhook_of(organization.id, "no id") is None
    webhook_row = issue_queries.webhook_of(organization.id, lane)
    assert webhook_row is not None
    assert webhook_row.id == lane


def test_grouping_reads_only_one_index(sqlite_app: Flask, organization: Any) -> None:
    statements: list[tuple[str, Any]] = []

    def note(*parameters: Any) -> None:
        statements.append(parameters[2:4])

    event.listen(db.engine, "before_cursor_execute", note)
    issue_queries.page(organization.id)
    event.remove(db.engine, "before_cursor_execute", note)
    db.session.commit()
    grouping, parameters = next(pair for pair in statements if "GROUP BY" in pair[0])
    with sqlite3.connect(str(db.engine.url.database)) as connection:
        plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {grouping}", parameters)]
    index = "SEARCH deliveries USING COVERING INDEX ix_deliveries_failed (organization_id=?)"
    assert index in plan, plan
