"""Rows that do not fit together are found, and repaired."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, insert, update

from app.models import Delivery, Due, WebhookState
from app.models.common.base import db
from app.services.events import publishing as events
from app.services.maintenance import compacting, consistency
from app.store.transaction import write_transaction
from tests.services.publishing import delivery_rows, draft, due_rows, webhook


def _matches(findings: list[consistency.Finding]) -> dict[str, int]:
    return {finding.title: finding.number for finding in findings if finding.number}


def _change(*statements: Any) -> None:
    with write_transaction() as session:
        for statement in statements:
            session.execute(statement)
    db.session.remove()


@pytest.fixture
def webhook_id(app: Flask, organization: Any) -> str:
    webhook_id = webhook(organization.id)
    events.publish_batch(organization.id, [draft() for _ in range(3)])
    return webhook_id


def _repaired(title: str, number: int) -> None:
    assert _matches(consistency.inspect()) == {title: number}
    assert _matches(consistency.repair()) == {title: number}
    assert _matches(consistency.inspect()) == {}


def test_a_sound_database_has_no_findings(webhook_id: str) -> None:
    assert _matches(consistency.inspect()) == {}
    assert _matches(consistency.repair()) == {}
    assert len(due_rows()) == 3


def test_open_deliveries_without_a_place_in_the_queue_are_queued(webhook_id: str) -> None:
    _change(delete(Due))
    _repaired("Open deliveries that are not in the due queue", 3)
    assert {row.delivery_id for row in due_rows()} == {row.id for row in delivery_rows()}


def test_open_deliveries_that_cannot_be_sent_are_cancelled(webhook_id: str) -> None:
    _change(delete(Due), update(Delivery).values(is_test=True))
    _repaired("Open deliveries that are not in the due queue", 3)
    assert {row.state for row in delivery_rows()} == {"cancelled"}


def test_queue_rows_of_ended_deliveries_are_removed(webhook_id: str) -> None:
    _change(update(Delivery).values(state="succeeded"))
    _repaired("Rows of the due queue whose delivery has ended", 3)
    assert due_rows() == []


def test_claims_of_unknown_workers_are_freed(webhook_id: str) -> None:
    first = due_rows()[0].id
    _change(update(Due).where(Due.id == first).values(claimed_by=999))
    findings = _matches(consistency.repair())
    assert findings["Claims of workers that do not exist"] == 1
    assert {row.claimed_by for row in due_rows()} == {None}


def test_wrong_counts_of_requests_in_flight_are_corrected(
    webhook_id: str, organization: Any
) -> None:
    values = {"webhook_id": webhook_id, "organization_id": organization.id, "in_flight": 7}
    _change(
        delete(WebhookState).where(WebhookState.webhook_id == webhook_id),
        insert(WebhookState).values(values),
    )
    _repaired("Webhooks with a wrong number in flight", 1)


def test_an_ordering_key_without_a_head_is_released(app: Flask, organization: Any) -> None:
    webhook(organization.id, ordered=True)
    events.publish_batch(organization.id, [draft(source="a") for _ in range(3)])
    _change(update(Due).values(head=False))
    _repaired("Ordering keys that wait for nothing", 1)
    assert [row.head for row in sorted(due_rows(), key=lambda row: row.id)] == [True, False, False]


def test_the_database_is_compacted(webhook_id: str) -> None:
    before, after = compacting.compact()
    assert before > 0
    assert after > 0
    assert len(due_rows()) == 3
