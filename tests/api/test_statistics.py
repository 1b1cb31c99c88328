"""Statistics: the figures of the overview."""

from typing import Any

import pytest
from flask import Flask

from app.domain.common.clock import now_ms
from app.domain.common.ids import new_id
from tests.api.conftest import Caller, problem
from tests.services.maintenance.test_counters import tally
from tests.services.publishing import webhook
from tests.web.conftest import visitor_as
from tests.web.records import delivery

NUMBERS: dict[str, int] = {
    "events": 4,
    "deliveries": 9,
    "succeeded": 5,
    "retrying": 2,
    "failed": 1,
    "status:200": 5,
    "status:503": 3,
    "type:order.paid": 8,
    "failed_type:order.paid": 3,
    "ms:40": 8,
}


@pytest.fixture
def hook(sqlite_app: Flask, organization: Any) -> str:
    id_ = webhook(organization.id)
    now = now_ms()
    tally(organization.id, id_, now, **NUMBERS)
    tally(organization.id, new_id(), now, failed=1, deliveries=1)
    delivery(organization.id, id_, "failed", [(503, "status")])
    return id_


def test_the_figures_of_one_webhook(api: Caller, hook: str) -> None:
    figures = api("GET", f"/statistics?webhook_id={hook}").json
    assert (figures["events"], figures["deliveries"], figures["attempts"]) == (None, 9, 8)
    assert (figures["success_rate"], figures["failure_rate"]) == (5 / 6, 3 / 8)
    assert figures["status_codes"] == [
        {"status_code": 200, "attempts": 5},
        {"status_code": 503, "attempts": 3},
    ]
    event_type = {"event_type": "order.paid", "attempts": 8, "failed_attempts": 3}
    assert figures["event_types"] == [event_type]
    assert figures["causes"] == [{"cause": "status", "failed_deliveries": 1}]
    assert figures["response_ms"]["p50"] == pytest.approx(102.4)
    assert figures["is_complete"] is True
    [last] = [bar for bar in figures["series"] if bar["success_rate"] is not None]
    assert (last["success_rate"], last["response_ms"]["p95"]) == (5 / 6, pytest.approx(102.4))
    expected = {name: NUMBERS[name] for name in ("succeeded", "retrying", "failed", "deliveries")}
    assert {name: sum(bar[name] for bar in figures["series"]) for name in expected} == expected


@pytest.mark.parametrize(
    ("name", "bars", "step"),
    [("1h", 60, 60), ("24h", 96, 900), ("7d", 84, 7_200), ("30d", 30, 86_400)],
)
def test_each_range_has_its_bars(api: Caller, hook: str, name: str, bars: int, step: int) -> None:
    figures = api("GET", f"/statistics?range={name}").json
    assert (len(figures["series"]), figures["step_seconds"]) == (bars, step)
    assert figures["series"][0]["start"] == figures["since"]
    assert (figures["events"], figures["failed"]) == (4, 2)


def test_the_numbers_are_those_of_the_overview(
    api: Caller, sqlite_app: Flask, organization: Any, hook: str
) -> None:
    figures = api("GET", "/statistics").json
    names = ("succeeded", "retrying", "failed", "deliveries")
    assert [figures[name] for name in names] == [5, 2, 2, 10]
    page = visitor_as(sqlite_app, organization, "viewer").get("/").text
    assert "attempts: 5 succeeded, 2 retried, 2 failed; 10 deliveries created" in page


def test_an_unknown_webhook_or_range_is_refused(api: Caller, hook: str) -> None:
    problem(api("GET", f"/statistics?webhook_id={new_id()}"), 404, "not_found")
    problem(api("GET", "/statistics?range=2h"), 422, "invalid")
