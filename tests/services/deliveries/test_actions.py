from typing import Any

import pytest
from sqlalchemy import select, update

from app.domain.common.clock import now_ms
from app.domain.common.errors import Conflict, NotFound
from app.domain.common.ids import new_id
from app.models import AuditEntry, Delivery, Due, Event
from app.models.common.base import db
from app.queries.deliveries.listing import DeliveryFilter
from app.services.accounts import organizations
from app.services.accounts.actor import SYSTEM
from app.services.deliveries import actions as deliveries
from app.services.deliveries import bulk as delivery_sets
from app.services.events.publishing import publish, publish_batch
from app.services.webhooks import service as webhooks
from app.store.transaction import write_transaction
from tests.services.publishing import delivery_rows, draft, due_rows, webhook

FAILED = DeliveryFilter(states=("failed",))


def set_all(model: Any, **values: Any) -> None:
    with write_transaction() as session:
        session.execute(update(model).values(**values))


def end(delivery_id: str, state: str = "failed", attempts: int = 4) -> None:
    """As a worker does it when there is nothing more to try."""
    with write_transaction() as session:
        session.execute(
            update(Delivery)
            .where(Delivery.id == delivery_id)
            .values(state=state, attempts=attempts)
        )
        session.delete(session.scalars(select(Due).filter_by(delivery_id=delivery_id)).one())


def published(organization: Any, *sources: str) -> list[str]:
    """Ids of deliveries, in the order of acceptance."""
    events = publish_batch(organization.id, [draft(source=source) for source in sources])
    return [event.deliveries[0].id for event in events]


def heads() -> list[tuple[str, bool]]:
    return [(row.delivery_id, row.head) for row in due_rows()]


@pytest.mark.parametrize("state", ["failed", "succeeded", "cancelled"])
def test_a_resend_starts_a_new_run_of_the_same_delivery(organization: Any, state: str) -> None:
    webhook(organization.id)
    [ended] = published(organization, "a")
    end(ended, state)
    before = now_ms()
    deliveries.resend(organization.id, ended, SYSTEM)
    [delivery] = delivery_rows()
    [due] = due_rows()
    assert (delivery.id, delivery.state, delivery.attempts) == (ended, "pending", 4)
    assert (due.delivery_id, due.attempt, due.run_start) == (ended, 5, 5)
    assert before <= due.next_at <= now_ms()
    assert due.bytes == 2


def test_a_resend_of_an_open_delivery_makes_it_due_now(organization: Any) -> None:
    webhook(organization.id)
    [waiting] = published(organization, "a")
    set_all(Delivery, state="retrying", attempts=2)
    set_all(Due, next_at=2**45, attempt=3)
    deliveries.resend(organization.id, waiting, SYSTEM)
    [due] = due_rows()
    assert (due.attempt, due.run_start) == (3, 3)
    assert due.next_at <= now_ms()


def test_a_resend_leaves_a_delivery_in_flight_alone(organization: Any) -> None:
    webhook(organization.id)
    [sending] = published(organization, "a")
    set_all(Due, claimed_by=1, next_at=7)
    deliveries.resend(organization.id, sending, SYSTEM)
    [due] = due_rows()
    assert (due.claimed_by, due.next_at) == (1, 7)


def test_a_skipped_delivery_can_be_sent(organization: Any) -> None:
    wanted = webhook(organization.id, is_active=False)
    [skipped] = published(organization, "a")
    webhooks.resume(organization.id, wanted, SYSTEM)
    deliveries.resend(organization.id, skipped, SYSTEM)
    assert [due.attempt for due in due_rows()] == [1]


def test_a_one_off_callback_can_be_resent(organization: Any) -> None:
    event = publish(organization.id, draft(callback="https://a.com/x"))
    end(event.deliveries[0].id)
    deliveries.resend(organization.id, event.deliveries[0].id, SYSTEM)
    assert len(due_rows()) == 1


def test_a_delivery_that_cannot_be_sent_is_a_conflict(organization: Any) -> None:
    wanted = webhook(organization.id)
    first, second = published(organization, "a", "b")
    end(first)
    set_all(Event, payload=None)
    with pytest.raises(Conflict):
        deliveries.resend(organization.id, first, SYSTEM)
    set_all(Event, payload=b"{}")
    webhooks.delete(organization.id, wanted, SYSTEM)
    for delivery_id in (first, second):
        with pytest.raises(Conflict):
            deliveries.resend(organization.id, delivery_id, SYSTEM)


def test_cancelling_removes_the_delivery_from_the_due_queue(organization: Any) -> None:
    webhook(organization.id)
    [waiting] = published(organization, "a")
    set_all(Due, claimed_by=1)
    deliveries.cancel(organization.id, waiting, SYSTEM)
    assert [row.state for row in delivery_rows()] == ["cancelled"]
    assert due_rows() == []
    with pytest.raises(Conflict):
        deliveries.cancel(organization.id, waiting, SYSTEM)


def test_cancelling_the_head_makes_the_next_of_its_key_due(organization: Any) -> None:
    webhook(organization.id, ordered=True)
    first, second, other, third = published(organization, "a", "a", "b", "a")
    deliveries.cancel(organization.id, first, SYSTEM)
    assert heads() == [(second, True), (other, True), (third, False)]
    deliveries.cancel(organization.id, third, SYSTEM)
    assert heads() == [(second, True), (other, True)]


def test_a_resend_waits_behind_its_ordering_key(organization: Any) -> None:
    webhook(organization.id, ordered=True)
    first, second = published(organization, "a", "a")
    deliveries.cancel(organization.id, first, SYSTEM)
    deliveries.resend(organization.id, first, SYSTEM)
    assert heads() == [(second, True), (first, False)]
    deliveries.cancel(organization.id, second, SYSTEM)
    assert heads() == [(first, True)]


def test_filtered_deliveries_are_counted_and_resent(
    organization: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery_sets, "AT_ONCE", 2)
    webhook(organization.id)
    ids = published(organization, *"abcdefg")
    for delivery_id in ids[:5]:
        end(delivery_id)
    assert deliveries.resend_many(organization.id, FAILED, SYSTEM, dry_run=True) == 5
    assert len(due_rows()) == 2
    assert deliveries.resend_many(organization.id, FAILED, SYSTEM) == 5
    assert [due.delivery_id for due in due_rows()] == ids[5:] + ids[:5]
    assert deliveries.resend_many(organization.id, FAILED, SYSTEM) == 0


def test_a_bulk_resend_keeps_the_order(organization: Any) -> None:
    wanted = webhook(organization.id, ordered=True, is_active=False)
    ids = published(organization, *"abab")
    webhooks.resume(organization.id, wanted, SYSTEM)
    skipped = DeliveryFilter(states=("skipped",))
    assert deliveries.resend_many(organization.id, skipped, SYSTEM) == 4
    assert heads() == [(ids[0], True), (ids[1], True), (ids[2], False), (ids[3], False)]


def test_a_bulk_resend_skips_deliveries_that_cannot_be_sent(organization: Any) -> None:
    deleted, active = webhook(organization.id), webhook(organization.id)
    publish_batch(organization.id, [draft(), draft()])
    for row in delivery_rows():
        end(row.id)
    webhooks.delete(organization.id, deleted, SYSTEM)
    assert deliveries.resend_many(organization.id, FAILED, SYSTEM, dry_run=True) == 2
    assert deliveries.resend_many(organization.id, FAILED, SYSTEM) == 2
    assert {due.webhook_id for due in due_rows()} == {active}


def test_filtered_deliveries_are_cancelled(
    organization: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery_sets, "AT_ONCE", 2)
    wanted = webhook(organization.id)
    ids = published(organization, *"abcde")
    end(ids[0])
    mine = DeliveryFilter(webhook_id=wanted)
    assert deliveries.cancel_many(organization.id, mine, SYSTEM, dry_run=True) == 4
    assert deliveries.cancel_many(organization.id, mine, SYSTEM) == 4
    assert due_rows() == []
    assert [row.state for row in delivery_rows()] == ["failed"] + ["cancelled"] * 4


def test_another_organizations_deliveries_are_not_found(organization: Any) -> None:
    other = organizations.create("Other")
    webhook(organization.id)
    [mine] = published(organization, "a")
    for delivery_id in (mine, new_id(), "nonsense"):
        with pytest.raises(NotFound):
            deliveries.resend(other.id, delivery_id, SYSTEM)
        with pytest.raises(NotFound):
            deliveries.cancel(other.id, delivery_id, SYSTEM)
    assert deliveries.cancel_many(other.id, DeliveryFilter(), SYSTEM) == 0
    assert len(due_rows()) == 1


def test_resends_are_audited(organization: Any) -> None:
    webhook(organization.id)
    [delivery_id] = published(organization, "a")
    deliveries.cancel(organization.id, delivery_id, SYSTEM)
    deliveries.resend(organization.id, delivery_id, SYSTEM)
    deliveries.cancel_many(organization.id, DeliveryFilter(states=("pending",)), SYSTEM)
    entries = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
    audited = [(entry.action, entry.subject_id, entry.after) for entry in entries][-3:]
    assert audited == [
        ("delivery.cancel", delivery_id, None),
        ("delivery.resend", delivery_id, None),
        ("delivery.cancel_many", None, {"count": 1, "filter": {"states": ["pending"]}}),
    ]
