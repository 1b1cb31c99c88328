import threading
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, select

from app.domain.common.clock import now_ms
from app.domain.common.errors import Invalid
from app.domain.maintenance.retention import DAY_MS
from app.models import (
    Attempt,
    Delivery,
    Due,
    Event,
    Organization,
    RetentionMark,
)
from app.models.common.base import db
from app.queries.maintenance import tasks as expired
from app.runtime.context import runtime, runtime_of
from app.services.accounts import organizations
from app.services.events.publishing import publish
from app.services.maintenance import retention
from app.store.transaction import write_transaction
from tests.services.old_events import ALL, clean, existing_ids, keep, number, old
from tests.services.publishing import draft, webhook


@pytest.fixture
def hook(app: Flask, organization: Any) -> str:
    return webhook(organization.id)


def test_expired_events_are_deleted_with_everything_that_belongs_to_them(
    organization: Any, hook: str
) -> None:
    old(organization, hook, 31, ("failed", "succeeded", "skipped", "cancelled"))
    young = old(organization, hook, 29)
    clean()
    assert existing_ids() == {young}
    assert [number(model) for model in ALL] == [1, 1, 2, 1, 1]


def test_each_organization_has_its_own_retention(app: Flask, organization: Any, hook: str) -> None:
    other = organizations.create("Other")
    keep(organization, 7)
    mine, foreign = old(organization, hook, 8), old(other, webhook(other.id), 8)
    clean()
    assert existing_ids() == {foreign}
    assert mine not in existing_ids()


@pytest.mark.parametrize("state", ["pending", "retrying"])
def test_an_open_delivery_keeps_its_event_and_no_other(
    organization: Any, hook: str, state: str
) -> None:
    held = old(organization, hook, 40, ("failed", state))
    for _ in range(3):
        old(organization, hook, 35)
    clean()
    assert existing_ids() == {held}
    assert (number(Due), number(Delivery), number(Attempt)) == (1, 2, 4)


def test_a_retained_payload_expires_after_its_last_delivery_ends(
    organization: Any, hook: str
) -> None:
    held = old(organization, hook, 40, ("retrying",))
    clean()
    with write_transaction() as session:
        session.query(Due).delete()
        session.query(Delivery).update({"state": "failed", "updated_at": now_ms()})
    clean(now_ms() + retention.ROUND_MS)
    assert existing_ids() == {held}
    clean(now_ms() + DAY_MS + 2 * retention.ROUND_MS)
    assert existing_ids() == set()


def test_recently_resent_deliveries_are_kept_for_a_day(organization: Any, hook: str) -> None:
    old(organization, hook, 40, touched=1.5)
    late = old(organization, hook, 40, touched=0.5)
    clean()
    assert existing_ids() == {late}


def test_many_retained_payloads_do_not_block_cleanup(
    organization: Any, hook: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(expired, "EVENTS", 2)
    held = {old(organization, hook, 50, ("pending",)) for _ in range(5)}
    old(organization, hook, 40)
    clean()
    assert existing_ids() == held


def test_an_event_with_many_deliveries_is_deleted_in_steps(
    organization: Any, hook: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(expired, "WEIGHT", 7)
    old(organization, hook, 40, ["failed"] * 10)
    took = clean()
    assert [number(model) for model in ALL] == [0] * 5
    assert took > 5


def test_an_idempotency_key_is_kept_for_at_least_a_day(
    app: Flask, organization: Any, hook: str
) -> None:
    keep(organization, 1)
    old(organization, hook, 1.01)
    published = publish(organization.id, draft(producer_id="order-1"))
    clean()
    assert existing_ids() == {published.id}
    assert publish(organization.id, draft(producer_id="order-1")).duplicate


def test_the_next_round_starts_an_hour_later(organization: Any, hook: str) -> None:
    old(organization, hook, 40)
    clean()
    [mark] = db.session.scalars(select(RetentionMark)).all()
    assert (mark.events_after, mark.held_after) == (None, None)
    assert mark.next_at > now_ms() + retention.ROUND_MS - 60_000
    assert clean() == 0


def test_a_retention_setting_is_validated_and_takes_effect_soon(
    organization: Any, hook: str
) -> None:
    clean()
    with pytest.raises(Invalid):
        keep(organization, 31)
    old(organization, hook, 8)
    keep(organization, 7)
    assert clean() > 0
    assert existing_ids() == set()


def test_the_installations_retention_is_the_maximum(
    app: Flask, organization: Any, hook: str
) -> None:
    keep(organization, 30)
    runtime_of(app).settings = replace(runtime_of(app).settings, retention_days=3)
    old(organization, hook, 5)
    clean()
    assert existing_ids() == set()


def test_payloads_are_read_before_the_transaction_that_deletes_them(
    app: Flask, organization: Any, hook: str
) -> None:
    """Reading them takes longer than deleting them, and SQLite has one writer at a time."""
    were_writing: list[bool] = []

    def note(connection: Any, _: Any, statement: str, *__: Any) -> None:
        if statement.startswith("SELECT events.id, events.organization_id, events.payload"):
            were_writing.append(connection.get_execution_options().get("writes", False))

    event.listen(db.engine, "before_cursor_execute", note)
    old(organization, hook, 40)
    keep(organization, 30, 7)
    old(organization, hook, 10)
    deleted = organizations.create("Deleted")
    old(deleted, webhook(deleted.id), 1)
    with write_transaction() as session:
        session.get_one(Organization, deleted.id).deleted_at = now_ms()
    clean()
    assert number(Event) == 1
    assert len(were_writing) >= 3
    assert not any(were_writing)


def test_cleanup_runs_while_events_are_published(app: Flask, organization: Any, hook: str) -> None:
    for _ in range(20):
        old(organization, hook, 40)
    done, published = threading.Event(), []

    def produce() -> None:
        with app.app_context():
            while not done.is_set():
                published.append(publish(organization.id, draft()).id)

    producer = threading.Thread(target=produce)
    producer.start()
    assert retention.work(0.0) is False
    runtime().background.wait("retention")
    done.set()
    producer.join()
    assert existing_ids() == set(published)
    # Each transaction of the cleanup lets some through.
    assert len(published) > 3
