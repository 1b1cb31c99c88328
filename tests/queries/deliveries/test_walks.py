from typing import Any

import pytest

from app.domain.common.ids import new_id
from app.queries.deliveries import sources as delivery_sources
from app.queries.deliveries import walks as delivery_walks
from app.queries.deliveries.filters import is_due
from app.queries.deliveries.listing import DeliveryFilter
from app.queries.deliveries.walks import counted, ids_above, neighbours
from app.services.accounts import organizations
from tests.queries.deliveries.test_listing import end, mark, published
from tests.services.publishing import webhook

ALL = DeliveryFilter()


def walked(organization: Any, wanted: DeliveryFilter, **more: Any) -> list[str]:
    """All steps of two."""
    ids: list[str] = []
    after = None
    for _ in range(50):
        stretch = ids_above(organization.id, wanted, after, 2, **more)
        ids += [row.id for row in stretch.rows]
        after = stretch.edge
        if after is None:
            return ids
    raise AssertionError("the walk does not end")


@pytest.mark.parametrize("examined", [5000, 3])
def test_a_walk_returns_each_delivery_once_oldest_first(
    organization: Any, examined: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery_sources, "EXAMINED", examined)
    webhook(organization.id)
    ids = published(organization)[::-1]
    end(ids[0], "failed")
    end(ids[2], "cancelled")
    end(ids[3], "succeeded")
    mark(ids[5], "retrying", claimed_by=1)
    assert walked(organization, ALL) == ids
    assert walked(organization, DeliveryFilter(states=("failed", "cancelled"))) == [ids[0], ids[2]]
    assert walked(organization, DeliveryFilter(states=("succeeded", "sending"))) == [ids[3], ids[5]]
    open_ones = DeliveryFilter(states=("pending", "failed"))
    assert walked(organization, open_ones) == [ids[0], ids[1], ids[4], ids[6]]
    assert walked(organization, DeliveryFilter(source="s5")) == [ids[5]]
    assert walked(organization, ALL, also=is_due()) == [ids[1], *ids[4:]]


@pytest.mark.parametrize("examined", [5000, 2])
def test_counting_reports_whether_it_is_complete(
    organization: Any, examined: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery_sources, "EXAMINED", examined)
    webhook(organization.id)
    ids = published(organization)[::-1]
    filters = DeliveryFilter(source="s3")
    counts = [
        counted(organization.id, wanted, after, at_most=most)
        for wanted, after, most in (
            (ALL, None, 7),
            (ALL, None, 6),
            (ALL, ids[4], 9),
            (filters, None, 9),
        )
    ]
    assert [(each.number, each.is_all) for each in counts] == [
        (7, True),
        (6, False),
        (2, True),
        (1, True),
    ]


def test_counting_stops_at_its_bound(organization: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivery_sources, "EXAMINED", 2)
    monkeypatch.setattr(delivery_walks, "STEPS", 2)
    webhook(organization.id)
    published(organization)
    counts = counted(organization.id, DeliveryFilter(source="s6"))
    assert (counts.number, counts.is_all) == (0, False)


def test_neighbours_come_from_the_same_list(organization: Any) -> None:
    webhook(organization.id)
    ids = published(organization)
    for index in (0, 3, 6):
        end(ids[index], "failed")
    failed = DeliveryFilter(states=("failed",))
    newest, middle, between = (
        neighbours(organization.id, failed, ids[index]) for index in (0, 3, 4)
    )
    assert (newest.newer, newest.older) == (None, ids[3])
    assert (middle.newer, middle.older) == (ids[0], ids[6])
    assert (between.newer, between.older) == (ids[3], ids[6])
    other = organizations.create("Other")
    assert neighbours(other.id, ALL, new_id()) == delivery_walks.Neighbours(None, None)
