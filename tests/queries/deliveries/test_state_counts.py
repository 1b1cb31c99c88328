"""How many deliveries are in each state, and when counting stops."""

import pytest
from flask import Flask

from app.queries.deliveries import state_counts
from app.queries.deliveries.filters import DeliveryFilter
from app.queries.deliveries.walks import Counted
from app.services.accounts import organizations
from tests.services.publishing import webhook
from tests.web.records import delivery


@pytest.mark.parametrize("filter_", [DeliveryFilter(), DeliveryFilter(source="media/1")])
def test_counting_stops_at_the_limit(
    app: Flask, monkeypatch: pytest.MonkeyPatch, filter_: DeliveryFilter
) -> None:
    monkeypatch.setattr(state_counts, "AT_MOST", 2)
    with app.app_context():
        id_ = organizations.create("Northlight").id
        hook = webhook(id_)
        for state in ("failed", "failed", "failed", "succeeded", "succeeded"):
            delivery(id_, hook, state)
        for _ in range(3):
            delivery(id_, hook, "pending", (), next_at=1)
        counts = state_counts.by_state(id_, filter_)
    more, two, none = Counted(2, is_all=False), Counted(2, is_all=True), Counted(0, is_all=True)
    assert {name: counts[name] for name in ("", "failed", "pending")} == dict.fromkeys(
        ("", "failed", "pending"), more
    )
    assert (counts["succeeded"], counts["sending"], counts["skipped"]) == (two, none, none)


def test_rows_that_were_not_examined_leave_the_count_open(
    sqlite_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(state_counts, "EXAMINED", 3)
    monkeypatch.setattr(state_counts, "OPEN", 1)
    with sqlite_app.app_context():
        id_ = organizations.create("Northlight").id
        hook = webhook(id_)
        for _ in range(4):
            delivery(id_, hook)
        for _ in range(2):
            delivery(id_, hook, "pending", (), next_at=1)
        counts = state_counts.by_state(id_, DeliveryFilter(source="media/1"))
    assert counts["failed"] == Counted(4, is_all=False)
    assert not counts["pending"].is_all


def test_other_organizations_are_not_counted(app: Flask) -> None:
    with app.app_context():
        other, mine = (organizations.create(name).id for name in ("Other", "Mine"))
        hook = webhook(other)
        delivery(other, hook)
        delivery(other, hook, "pending", (), next_at=1)
        counts = state_counts.by_state(mine, DeliveryFilter())
    assert set(counts.values()) == {Counted(0, is_all=True)}
