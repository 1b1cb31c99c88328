"""Events are found by the ids in their payloads, along the index."""

import json
from typing import Any

import pytest
from sqlalchemy import delete, update

from app.domain.common.clock import now_ms
from app.domain.common.ids import first_id_of
from app.domain.events.search_values import HOUR_MS, hashes, number_of
from app.models import Event, EventValue, Organization
from app.models.common.base import db
from app.queries.deliveries import listing as deliveries
from app.queries.deliveries.listing import DeliveryFilter
from app.queries.events import by_value
from app.queries.events import listing as events
from app.queries.events.listing import EventFilter
from app.services.accounts import organizations
from app.services.events.publishing import publish, publish_batch
from app.services.maintenance import value_index
from app.store.transaction import write_transaction
from tests.services.publishing import draft, webhook

ASSET = "asset-0001"


def post(organization: Any, *assets: str, **more: Any) -> list[str]:
    payloads = [json.dumps({"asset_id": asset}).encode() for asset in assets]
    drafts = [draft(payload=payload, **more) for payload in payloads]
    ids = [event.id for event in publish_batch(organization.id, drafts)]
    value_index.add_all()
    return ids


def listed(organization: Any, value: str = ASSET, size: int = 2, **more: Any) -> list[str]:
    """All pages."""
    ids: list[str] = []
    cursor = None
    for _ in range(50):
        page = events.page(organization.id, EventFilter(value=value, **more), size, cursor)
        ids += [row.id for row in page.rows]
        cursor = page.next_cursor
        if cursor is None:
            return ids
    raise AssertionError("the pages do not end")


def moved(event_id: str, hours: int) -> str:
    """The event's id after it was made older."""
    id_ = first_id_of(now_ms() - hours * HOUR_MS)[:24] + event_id[24:]
    with write_transaction() as session:
        session.execute(update(Event).where(Event.id == event_id).values(id=id_))
        session.execute(
            update(EventValue)
            .where(EventValue.event_id == event_id)
            .values(event_id=id_, hour=EventValue.hour - hours)
        )
    return id_


def test_pages_have_exactly_the_events_with_the_value_newest_first(organization: Any) -> None:
    ids = post(organization, ASSET, "asset-0002", ASSET, ASSET, "asset-00011", ASSET)
    wanted = [ids[number] for number in (5, 3, 2, 0)]
    assert listed(organization) == wanted
    assert listed(organization, " ASSET-0001 ") == wanted
    assert listed(organization, "asset-000") == []


def test_events_are_found_before_a_worker_adds_them_to_the_index(organization: Any) -> None:
    first = post(organization, ASSET, ASSET)
    payload = json.dumps({"asset_id": ASSET}).encode()
    waiting = [publish(organization.id, draft(payload=payload)).id for _ in range(3)]
    publish(organization.id, draft(payload=b'{"asset_id":"asset-0002"}'))
    assert listed(organization) == [*first, *waiting][::-1]
    value_index.add_all()
    assert listed(organization) == [*first, *waiting][::-1]


def test_events_of_many_hours_come_in_their_order(organization: Any) -> None:
    ids = post(organization, *[ASSET] * 8)
    ages = [0, 0, 1, 2, 5, 30, 200, 2000]
    moved_ids = [moved(id_, age) for id_, age in zip(ids, ages, strict=True)]
    assert listed(organization) == sorted(moved_ids, reverse=True)
    day = now_ms() - 24 * HOUR_MS
    assert listed(organization, since=day) == sorted(moved_ids[:5], reverse=True)
    assert listed(organization, until=day) == sorted(moved_ids[5:], reverse=True)


def test_the_oldest_hours_are_another_step(
    organization: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    [id_] = post(organization, ASSET)
    old = moved(id_, 200)
    monkeypatch.setattr(by_value, "MAX_HOURS", 24)
    first = events.page(organization.id, EventFilter(value=ASSET))
    assert (first.rows, first.next_cursor is None) == ([], False)
    assert listed(organization) == [old]


def test_other_filters_apply_too(organization: Any) -> None:
    post(organization, ASSET, source="a")
    [wanted] = post(organization, ASSET, source="b", type_="other.type")
    assert listed(organization, source="b") == [wanted]
    assert listed(organization, type="other.type") == [wanted]


def test_a_value_of_the_same_hash_does_not_match(organization: Any) -> None:
    [id_] = post(organization, "asset-0002")
    other, collides = map(number_of, hashes(organization.id, ["asset-0002", ASSET]))
    with write_transaction() as session:
        session.execute(update(EventValue).where(EventValue.hash == other).values(hash=collides))
    assert db.session.query(EventValue).one().event_id == id_
    assert listed(organization) == []


def test_another_organization_finds_nothing(organization: Any) -> None:
    post(organization, ASSET)
    other = organizations.create("Other")
    assert listed(other) == []
    with write_transaction() as session:
        [hash_] = hashes(other.id, [ASSET])
        session.execute(update(EventValue).values(hash=number_of(hash_)))
    assert listed(other) == []


def test_deliveries_are_listed_by_a_value_of_their_event(organization: Any) -> None:
    webhook(organization.id)
    wanted, _ = post(organization, ASSET, "asset-0002")
    page = deliveries.page(organization.id, DeliveryFilter(value=ASSET))
    assert [row.delivery.event_id for row in page.rows] == [wanted]
    nothing = DeliveryFilter(value=ASSET, states=("failed",))
    assert deliveries.page(organization.id, nothing).rows == []
    assert deliveries.page(organization.id, DeliveryFilter(value="asset-0003")).rows == []


def test_deliveries_are_those_of_the_newest_events_with_the_value(
    organization: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    webhook(organization.id)
    ids = post(organization, ASSET, ASSET, ASSET)
    assert not by_value.has_more(organization.id, ASSET)
    monkeypatch.setattr(by_value, "LISTED", 2)
    page = deliveries.page(organization.id, DeliveryFilter(value=ASSET))
    assert [row.delivery.event_id for row in page.rows] == [ids[2], ids[1]]
    assert by_value.has_more(organization.id, ASSET)
    assert not by_value.has_more(organization.id, ASSET, since=now_ms() + 60_000)
    assert not by_value.has_more(organization.id, "asset-0002")


def test_the_newest_events_are_as_many_if_their_payloads_are_large(
    organization: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = post(organization, *[ASSET] * 4)
    monkeypatch.setattr(by_value, "MAX_BYTES", 60)
    monkeypatch.setattr(by_value, "LISTED", 3)
    assert by_value.newest(organization.id, ASSET).ids == ids[:0:-1]
    monkeypatch.setattr(by_value, "LISTED", 4)
    assert by_value.newest(organization.id, ASSET) == by_value.Ids(ids[::-1], None)
    monkeypatch.setattr(by_value, "NEWEST_ROUNDS", 1)
    assert by_value.newest(organization.id, ASSET) == by_value.Ids(ids[:1:-1], ids[2])
    assert by_value.has_more(organization.id, ASSET)


def test_the_newest_events_are_those_that_have_the_value_and_a_payload(
    organization: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = post(organization, ASSET, ASSET, ASSET)
    with write_transaction() as session:
        session.execute(update(Event).where(Event.id == ids[2]).values(payload=None))
    monkeypatch.setattr(by_value, "LISTED", 2)
    assert by_value.newest(organization.id, ASSET) == by_value.Ids([ids[1], ids[0]], None)


def test_what_has_expired_or_was_never_indexed_is_not_listed(organization: Any) -> None:
    post(organization, ASSET)
    with write_transaction() as session:
        session.execute(update(Event).values(payload=None))
    assert listed(organization) == []
    with write_transaction() as session:
        session.execute(delete(EventValue))
    assert listed(organization) == []


def test_an_organization_can_turn_the_index_off(organization: Any) -> None:
    before = post(organization, ASSET)
    with write_transaction() as session:
        session.execute(update(Organization).values(indexes_values=False))
    publish(organization.id, draft(payload=b'{"asset_id":"asset-0001"}'))
    assert listed(organization) == before


def test_large_payloads_take_several_steps(
    organization: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = post(organization, ASSET, ASSET, ASSET)
    monkeypatch.setattr(by_value, "MAX_BYTES", 30)
    monkeypatch.setattr(by_value, "ROUNDS", 1)
    page = events.page(organization.id, EventFilter(value=ASSET))
    assert [row.id for row in page.rows] == [ids[2]]
    assert listed(organization) == ids[::-1]


def test_all_rounds_of_a_page_share_what_it_may_read(
    organization: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = post(organization, *[ASSET] * 4)
    monkeypatch.setattr(by_value, "MAX_BYTES", 30)
    monkeypatch.setattr(by_value, "ROUND", 1)
    page = events.page(organization.id, EventFilter(value=ASSET))
    assert [row.id for row in page.rows] == [ids[3], ids[2]]
    assert listed(organization) == ids[::-1]
