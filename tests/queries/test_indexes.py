"""SQLite knows no statistics: which index it takes follows from how a statement is written."""

import sqlite3
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event

from app.domain.common.ids import new_id
from app.models.common.base import db
from app.queries.deliveries import attempt_list
from app.queries.deliveries import listing as deliveries
from app.queries.deliveries.attempt_filters import AttemptFilter
from app.queries.deliveries.listing import DeliveryFilter
from app.queries.events import listing as events
from app.queries.events.listing import EventFilter
from app.services.deliveries.missed import count_missed
from app.services.events.publishing import publish
from tests.services.publishing import draft, webhook
from tests.web.records import delivery as record


@pytest.fixture
def plans(sqlite_app: Flask, organization: Any) -> Callable[[Callable[[], Any]], list[str]]:
    """Runs something, and gives the plan of each SELECT and UPDATE that it made."""

    def run(work: Callable[[], Any]) -> list[str]:
        statements: list[tuple[str, Any]] = []

        def note(*parameters: Any) -> None:
            statements.append(parameters[2:4])

        event.listen(db.engine, "before_cursor_execute", note)
        try:
            work()
        finally:
            event.remove(db.engine, "before_cursor_execute", note)
        db.session.commit()
        with sqlite3.connect(str(db.engine.url.database)) as connection:
            return [
                " / ".join(
                    row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {sql}", parameters)
                )
                for sql, parameters in statements
                if sql.startswith(("SELECT", "UPDATE"))
            ]

    return run


@pytest.mark.parametrize(
    ("wanted", "index"),
    [
        ({}, "ix_deliveries_organization_id_id (organization_id=?)"),
        ({"event_id": new_id()}, "ix_deliveries_event_id (event_id=?)"),
        ({"webhook_id": new_id()}, "ix_deliveries_webhook_id_id (webhook_id=?)"),
        ({"states": ("failed",)}, "ix_deliveries_trouble (organization_id=? AND state=?)"),
        (
            {"states": ("skipped",), "webhook_id": new_id()},
            "ix_deliveries_trouble (organization_id=? AND state=?)",
        ),
        (
            {"states": ("failed",), "since": 1, "until": 2},
            "ix_deliveries_trouble (organization_id=? AND state=? AND id>? AND id<?)",
        ),
        (
            {"event_type": "x", "since": 1},
            "ix_deliveries_organization_id_id (organization_id=? AND id>?)",
        ),
    ],
)
def test_each_delivery_list_uses_its_index(
    plans: Any, organization: Any, wanted: dict[str, Any], index: str
) -> None:
    used = plans(lambda: deliveries.page(organization.id, DeliveryFilter(**wanted)))
    assert all(index in plan for plan in used), used


@pytest.mark.parametrize("states", [("pending",), ("sending", "retrying")])
def test_open_deliveries_are_read_from_the_due_queue(
    plans: Any, organization: Any, states: tuple[str, ...]
) -> None:
    webhook(organization.id)
    publish(organization.id, draft())
    used = plans(lambda: deliveries.page(organization.id, DeliveryFilter(states=states)))
    assert "due USING INDEX sqlite_autoindex_due_1" in used[0]
    assert not [plan for plan in used if "ix_deliveries" in plan]


def test_a_page_of_events_uses_its_index(plans: Any, organization: Any) -> None:
    wanted = EventFilter(type="x", since=1)
    for plan in plans(lambda: events.page(organization.id, wanted)):
        assert "ix_events_organization_id_id (organization_id=? AND id>?)" in plan


def test_events_of_a_source_use_its_index(plans: Any, organization: Any) -> None:
    index = "ix_events_source (organization_id=? AND source=?"
    wanted = EventFilter(source="cam", type="x", since=1)
    for plan in plans(lambda: events.page(organization.id, wanted)):
        assert f"{index} AND id>?)" in plan
    for plan in plans(lambda: events.of_source(organization.id, "cam", 20)):
        assert f"{index})" in plan
        assert "SORT" not in plan
    for plan in plans(lambda: events.first_of_source(organization.id, "cam")):
        assert f"{index})" in plan
        assert "SORT" not in plan


@pytest.mark.parametrize("wanted", [{}, {"status": 418}, {"slower": 1}, {"since": 1, "until": 2}])
def test_attempts_are_read_through_their_deliveries_or_the_index_of_late_ones(
    plans: Any, organization: Any, wanted: dict[str, Any]
) -> None:
    hook = webhook(organization.id)
    record(organization.id, hook, "succeeded", [(200, "ok")])
    used = plans(lambda: attempt_list.page(organization.id, AttemptFilter(**wanted)))
    assert used
    for plan in used:
        # A list of ids is scanned.
        assert "SCAN" not in plan.replace("SCAN anon_1 VIRTUAL TABLE", ""), plan
        assert "deliveries" in plan or "attempts" in plan
    assert any("ix_attempts_late (organization_id=? AND late_at>?" in plan for plan in used)
    assert any("ix_deliveries_organization_id_id (organization_id=?" in plan for plan in used)


def test_publishing_scans_no_table(plans: Any, organization: Any) -> None:
    webhook(organization.id, once=True, sources=["cam"], once_source="cam")
    webhook(organization.id, ordered=True)
    publish(organization.id, draft())

    def work() -> None:
        event_draft = draft(source="cam", producer_id="k", callback="https://a.com/")
        publish(organization.id, event_draft)
        publish(organization.id, event_draft)

    used = plans(work)
    assert not [
        plan for plan in used if "SCAN webhooks" in plan or "ix_webhooks_organization_id_id" in plan
    ]
    assert [
        plan
        for plan in used
        if "ix_webhooks_once_waiting (organization_id=? AND once_source" in plan
    ]
    assert [plan for plan in used if "uq_webhooks_callback_lane" in plan]
    assert [plan for plan in used if "ix_due_order" in plan]


def test_missed_events_are_found_by_the_index_of_events(
    plans: Callable[[Callable[[], Any]], list[str]], organization: Any
) -> None:
    late = webhook(organization.id)
    used = plans(lambda: count_missed(organization.id, late, 0))
    [step] = [plan for plan in used if "ix_deliveries" in plan]
    assert "events USING INDEX ix_events_organization_id_id (organization_id=?" in step
    assert "deliveries USING INDEX ix_deliveries_event_id (event_id=?)" in step


def test_deliveries_of_events_use_their_index(
    plans: Callable[[Callable[[], Any]], list[str]], organization: Any
) -> None:
    ids = [new_id(), new_id()]
    index = "deliveries USING INDEX ix_deliveries_event_id (event_id=?)"
    for work in (
        lambda: events.states_of(organization.id, ids),
        lambda: events.deliveries_of(organization.id, ids[0]),
    ):
        [plan] = plans(work)
        assert index in plan
