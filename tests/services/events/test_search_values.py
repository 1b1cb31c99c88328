"""The index of payload values: rows come with their event and go with its payload."""

from typing import Any

import pytest
from sqlalchemy import select, update

from app.domain.common.clock import now_ms
from app.domain.common.ids import new_id
from app.domain.events.search_values import hashes, hour_of, number_of
from app.domain.maintenance.retention import DAY_MS
from app.models import Event, EventValue, NewValues
from app.models.common.base import db
from app.services.accounts import deleting
from app.services.accounts.actor import SYSTEM
from app.services.events.expunging import expunge
from app.services.events.publishing import publish, publish_batch
from app.services.maintenance import retention, value_index
from app.store import event_values
from app.store.transaction import write_transaction
from tests.services.old_events import clean, keep, old_id
from tests.services.publishing import draft, webhook

PAYLOAD = b'{"asset_id":"a-1","job":{"id":7},"title":"Big Buck Bunny"}'


def rows() -> set[tuple[int, int, str]]:
    value_index.add_all()
    keys = (EventValue.hour, EventValue.hash, EventValue.event_id)
    return {(row[0], row[1], row[2]) for row in db.session.execute(select(*keys))}


def rows_of(organization: Any, event_id: str) -> set[tuple[int, int, str]]:
    hour = hour_of(event_id)
    numbers = map(number_of, hashes(organization.id, ["a-1", "7"]))
    return {(hour, number, event_id) for number in numbers}


def aged(organization: Any, event_id: str, days: float) -> str:
    """The event's id after it was made so many days older, with its values."""
    value_index.add_all()
    id_ = old_id(days)
    created = {"created_at": now_ms() - int(days * DAY_MS)}
    with write_transaction() as session:
        session.execute(update(Event).where(Event.id == event_id).values(id=id_, **created))
        session.execute(
            update(EventValue)
            .where(EventValue.event_id == event_id)
            .values(event_id=id_, hour=hour_of(id_))
        )
    assert rows() >= rows_of(organization, id_)
    return id_


def test_each_value_of_an_event_has_a_row(organization: Any) -> None:
    published = publish(organization.id, draft(payload=PAYLOAD))
    assert rows() == rows_of(organization, published.id)


def test_a_batch_and_a_repeated_event_have_their_rows_once(organization: Any) -> None:
    drafts = [draft(payload=PAYLOAD, producer_id="k"), draft(payload=PAYLOAD)]
    events = publish_batch(organization.id, drafts)
    publish(organization.id, drafts[0])
    assert rows() == set().union(*(rows_of(organization, event.id) for event in events))


def test_values_wait_in_one_row_for_each_transaction(organization: Any) -> None:
    publish_batch(organization.id, [draft(payload=PAYLOAD) for _ in range(5)])
    [block] = db.session.scalars(select(NewValues.packed))
    assert len(block) == 5 * 2 * event_values.ROW_BYTES
    assert len(rows()) == 10
    assert db.session.scalars(select(NewValues.id)).all() == []


def test_many_values_are_added_in_several_steps(
    organization: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_values, "BLOCK", 3)
    events = publish_batch(organization.id, [draft(payload=PAYLOAD) for _ in range(5)])
    assert [len(block) // 24 for block in db.session.scalars(select(NewValues.packed))] == [
        3,
        3,
        3,
        1,
    ]
    assert value_index.add_some()
    assert len(db.session.scalars(select(EventValue.hash)).all()) == 3
    assert rows() == set().union(*(rows_of(organization, event.id) for event in events))


def test_expunging_an_event_deletes_its_values(organization: Any) -> None:
    kept, gone = (publish(organization.id, draft(payload=PAYLOAD)).id for _ in range(2))
    expunge(organization.id, gone, SYSTEM)
    assert rows() == rows_of(organization, kept)


def test_an_expired_payload_takes_its_values_along(organization: Any) -> None:
    keep(organization, 30, 3)
    kept, gone = (publish(organization.id, draft(payload=PAYLOAD)).id for _ in range(2))
    aged(organization, gone, 5)
    clean()
    assert rows() == rows_of(organization, kept)


def test_a_deleted_event_takes_its_values_along(organization: Any) -> None:
    keep(organization, 3, None)
    kept, gone = (publish(organization.id, draft(payload=PAYLOAD)).id for _ in range(2))
    aged(organization, gone, 5)
    clean()
    assert rows() == rows_of(organization, kept)
    assert db.session.scalars(select(Event.id)).all() == [kept]


def test_rows_without_an_event_are_deleted_with_its_hour(organization: Any) -> None:
    webhook(organization.id)
    published = publish(organization.id, draft(payload=PAYLOAD))
    long_ago = old_id(40)
    with write_transaction() as session:
        session.add(EventValue(hour=hour_of(long_ago), hash=1, event_id=long_ago))
        session.add(EventValue(hour=hour_of(new_id()), hash=1, event_id=published.id))
    retention._delete_left_values()
    assert len(rows()) == 3
    assert long_ago not in {row[2] for row in rows()}


def test_the_rows_of_a_deleted_organization_are_erased(organization: Any) -> None:
    publish(organization.id, draft(payload=PAYLOAD))
    assert rows()
    deleting.delete_organization(organization.id, organization.name, SYSTEM)
    while retention.clean_some(now_ms()):
        pass
    assert rows() == set()
