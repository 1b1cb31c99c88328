from typing import Any

import pytest
from sqlalchemy import update

from app.domain.common.ids import new_id
from app.models import Attempt, Delivery, Due
from app.queries.deliveries import listing as deliveries
from app.queries.deliveries.listing import DeliveryFilter
from app.services.accounts import organizations
from app.services.events.publishing import publish, publish_batch
from app.store.transaction import write_transaction
from tests.queries.searches import examine
from tests.services.publishing import delivery_rows, draft, webhook


def end(delivery_id: str, state: str, **values: Any) -> None:
    """As a worker does it."""
    with write_transaction() as session:
        session.execute(
            update(Delivery).where(Delivery.id == delivery_id).values(state=state, **values)
        )
        row = session.query(Due).filter_by(delivery_id=delivery_id).one()
        session.delete(row)


def mark(delivery_id: str, state: str = "pending", **values: Any) -> None:
    with write_transaction() as session:
        session.execute(update(Delivery).where(Delivery.id == delivery_id).values(state=state))
        session.execute(update(Due).where(Due.delivery_id == delivery_id).values(**values))


def listed_ids(organization: Any, **wanted: Any) -> list[str]:
    """All pages of two."""
    ids: list[str] = []
    cursor = None
    for _ in range(50):
        page = deliveries.page(organization.id, DeliveryFilter(**wanted), 2, cursor)
        ids += [row.id for row in page.rows]
        cursor = page.next_cursor
        if cursor is None:
            return ids
    raise AssertionError("the pages do not end")


def published(organization: Any, number: int = 7) -> list[str]:
    """Ids of deliveries, the newest first, as lists show them."""
    publish_batch(organization.id, [draft(source=f"s{n}") for n in range(number)])
    return [row.id for row in delivery_rows()][::-1]


def test_pages_are_contiguous_and_newest_first(organization: Any) -> None:
    webhook(organization.id)
    ids = published(organization)
    assert listed_ids(organization) == ids


def test_the_last_page_has_no_cursor(organization: Any) -> None:
    webhook(organization.id)
    published(organization, 4)
    assert deliveries.page(organization.id, DeliveryFilter(), 4).next_cursor is None


@pytest.mark.parametrize(("examined", "seconds"), [(5000, 0), (3, 0), (3, 60)])
def test_each_state_can_be_filtered(
    organization: Any, examined: int, seconds: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    examine(monkeypatch, examined, seconds=seconds)
    webhook(organization.id)
    ids = published(organization)
    end(ids[0], "failed")
    end(ids[1], "cancelled")
    end(ids[2], "succeeded")
    mark(ids[3], "retrying", next_at=99)
    mark(ids[4], "retrying", claimed_by=1)
    end(ids[6], "failed")
    assert listed_ids(organization, states=("failed",)) == [ids[0], ids[6]]
    assert listed_ids(organization, states=("cancelled", "failed")) == [ids[0], ids[1], ids[6]]
    assert listed_ids(organization, states=("succeeded",)) == [ids[2]]
    assert listed_ids(organization, states=("retrying",)) == [ids[3]]
    assert listed_ids(organization, states=("sending",)) == [ids[4]]
    assert listed_ids(organization, states=("pending", "sending")) == [ids[4], ids[5]]
    assert listed_ids(organization, states=("failed", "pending")) == [ids[0], ids[5], ids[6]]
    assert listed_ids(organization, states=("succeeded", "sending")) == [ids[2], ids[4]]
    assert listed_ids(organization, states=("failed", "sending", "retrying")) == [
        ids[0],
        ids[3],
        ids[4],
        ids[6],
    ]


@pytest.mark.parametrize(("examined", "seconds"), [(5000, 0), (3, 0), (3, 60)])
def test_each_filter_applies(
    organization: Any, examined: int, seconds: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    examine(monkeypatch, examined, seconds=seconds)
    first = webhook(organization.id, event_types=["a"])
    second = webhook(organization.id, event_types=["b"])
    a = publish(organization.id, draft("a", source="cam")).deliveries[0].id
    published_b = publish(organization.id, draft("b", source="mic"))
    b = published_b.deliveries[0].id
    end(b, "failed", last_status=503, last_cause="status")
    assert listed_ids(organization, webhook_id=first) == [a]
    assert listed_ids(organization, webhook_id=second, states=("failed",)) == [b]
    assert listed_ids(organization, webhook_id=first, states=("failed",)) == []
    assert listed_ids(organization, event_id=published_b.id) == [b]
    assert listed_ids(organization, event_id=published_b.id, states=("failed",)) == [b]
    assert listed_ids(organization, event_type="a") == [a]
    assert listed_ids(organization, source="mic") == [b]
    assert listed_ids(organization, status_code=503) == [b]
    assert listed_ids(organization, status_code=500) == []
    assert listed_ids(organization, status_class=5) == [b]
    assert listed_ids(organization, cause="status") == [b]
    assert listed_ids(organization, webhook_id="nonsense") == []


def test_a_time_range_is_a_range_of_ids(organization: Any) -> None:
    webhook(organization.id)
    ids = published(organization, 3)
    at = delivery_rows()[0].created_at
    assert listed_ids(organization, since=at - 1000, until=at + 1000) == ids
    assert listed_ids(organization, until=at - 1000) == []
    assert listed_ids(organization, since=at + 1000) == []


@pytest.mark.parametrize(("examined", "seconds"), [(1000, 0), (2, 0), (2, 60)])
def test_a_search_finds_ids_and_text(
    organization: Any, examined: int, seconds: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    examine(monkeypatch, examined, seconds=seconds)
    wanted = webhook(organization.id)
    searched = publish(
        organization.id, draft(producer_id="job:1", payload='{"title":"Käse 100%"}'.encode())
    )
    rest = published(organization, 4)[:4]
    [mine] = [delivery.id for delivery in searched.deliveries]
    for q in (mine, mine.upper(), searched.id, "job:1", "Käse 100%", "title"):
        assert listed_ids(organization, q=q) == [mine]
    assert listed_ids(organization, q=wanted) == [*rest, mine]
    assert listed_ids(organization, q=new_id()) == []
    assert listed_ids(organization, q="nothing holds this") == []


def test_another_organization_sees_nothing(organization: Any) -> None:
    other = organizations.create("Other")
    wanted = webhook(organization.id)
    event = publish(organization.id, draft(producer_id="job-1"))
    [mine] = [delivery.id for delivery in event.deliveries]
    assert listed_ids(other) == []
    for filters in ({"webhook_id": wanted}, {"event_id": event.id}, {"states": ("pending",)}):
        assert listed_ids(other, **filters) == []
    for q in (mine, event.id, wanted, "job-1", "{}"):
        assert listed_ids(other, q=q) == []
    assert deliveries.get(other.id, mine) is None
    assert deliveries.attempts(other.id, mine) == []


def test_a_row_combines_the_due_queue_and_the_webhook(organization: Any) -> None:
    webhook(organization.id, name="Editing", ordered=True)
    ids = published(organization, 2)
    mark(ids[0], next_at=77, head=False)
    mark(ids[1], claimed_by=1)
    waiting, sending = deliveries.page(organization.id, DeliveryFilter()).rows
    assert (waiting.state, waiting.next_attempt_at, waiting.blocked) == ("pending", 77, True)
    assert (waiting.webhook_name, waiting.url) == ("Editing", "https://example.com/hook")
    assert (sending.state, sending.next_attempt_at, sending.held) == ("sending", None, False)


def test_a_delivery_of_a_paused_webhook_is_on_hold(organization: Any) -> None:
    wanted = webhook(organization.id)
    [only] = published(organization, 1)
    with write_transaction() as session:
        from app.models import Webhook

        session.execute(update(Webhook).where(Webhook.id == wanted).values(is_active=False))
    row = deliveries.get(organization.id, only)
    assert row is not None
    assert row.held


def test_a_one_off_callback_shows_its_own_url(organization: Any) -> None:
    publish(organization.id, draft(callback="https://a.com/x?y=1"))
    [row] = deliveries.page(organization.id, DeliveryFilter()).rows
    assert (row.url, row.webhook_id) == ("https://a.com/x?y=1", None)


def test_attempts_are_in_order(organization: Any) -> None:
    webhook(organization.id)
    [only] = published(organization, 1)
    with write_transaction() as session:
        for number in (2, 1):
            session.add(
                Attempt(
                    organization_id=organization.id,
                    webhook_id=new_id(),
                    delivery_id=only,
                    number=number,
                    started_at=1,
                    cause="ok",
                    url="https://example.com",
                    request_head=b"",
                    total_us=1,
                )
            )
    assert [row.number for row in deliveries.attempts(organization.id, only)] == [1, 2]


def test_the_count_equals_the_rows_of_all_pages(organization: Any) -> None:
    webhook(organization.id)
    ids = published(organization)
    end(ids[0], "failed")
    mark(ids[1], claimed_by=1)
    for wanted in ({}, {"states": ("failed",)}, {"states": ("sending", "failed")}, {"q": "s1"}):
        everything = DeliveryFilter(**wanted)
        assert deliveries.count(organization.id, everything) == len(
            listed_ids(organization, **wanted)
        )
    assert deliveries.count(organization.id, DeliveryFilter(), at_most=3) == 3
