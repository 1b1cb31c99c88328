import sqlite3
import time
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event

from app.domain.common.clock import now_ms
from app.domain.common.ids import new_id
from app.domain.deliveries.spans import HOUR, MINUTE, RANGES, window
from app.models.common.base import db
from app.queries.statistics import by_webhook, counters
from app.services.accounts import organizations
from app.services.maintenance import counters as counting
from tests.services.maintenance.test_counters import tally

MINUTE_MS, HOUR_MS = MINUTE * 1000, HOUR * 1000


def add_up() -> None:
    counting.add_up(time.monotonic() + 60)


@pytest.mark.parametrize("name", RANGES)
@pytest.mark.parametrize("added_up", ["none", "first", "all"])
def test_figures_are_the_same_before_and_after_adding_up(
    app: Flask, organization: Any, name: str, added_up: str
) -> None:
    hook, now = new_id(), now_ms()
    tally(organization.id, hook, now - 30 * MINUTE_MS, succeeded=5, failed=1)
    if added_up != "none":
        add_up()
    tally(organization.id, hook, now, succeeded=2, retrying=1)
    tally(organization.id, new_id(), now, failed=7)
    if added_up == "all":
        add_up()
    own = counters.figures(organization.id, window(name, now), hook)
    everybody = counters.figures(organization.id, window(name, now))
    assert {m: sum(numbers) for m, numbers in own.series.items()} == {
        "succeeded": 7,
        "retrying": 1,
        "failed": 1,
        "deliveries": 0,
    }
    assert dict(own.sums) == {"succeeded": 7, "retrying": 1, "failed": 1}
    assert (everybody.of("failed"), sum(everybody.series["failed"])) == (8, 8)
    assert own.series["succeeded"][-1] >= 2
    assert own.behind is False


@pytest.mark.parametrize("added_up", [True, False])
def test_each_number_is_in_its_bar(app: Flask, organization: Any, added_up: bool) -> None:
    now = now_ms()
    chart = window("24h", now)
    for start, end in chart.bars():
        tally(organization.id, None, start, failed=1)
        tally(organization.id, None, end - 1, failed=1)
    tally(organization.id, None, chart.start - 1, failed=100)
    tally(organization.id, None, chart.end, failed=100)
    if added_up:
        add_up()
    figures = counters.figures(organization.id, chart)
    assert figures.series["failed"] == [2] * len(chart)
    assert figures.of("failed") == 2 * len(chart)


def test_another_organizations_figures_are_separate(app: Flask, organization: Any) -> None:
    hook, now, other = new_id(), now_ms(), organizations.create("Other").id
    tally(organization.id, hook, now, failed=1)
    for _ in range(2):
        assert counters.figures(other, window("1h", now)).attempts == 0
        assert counters.figures(other, window("1h", now), hook).attempts == 0
        assert by_webhook.sparks(other, [hook], now)[hook].attempts == 0
        add_up()


def test_rates_and_percentiles_follow_from_the_counts(app: Flask, organization: Any) -> None:
    now = now_ms()
    numbers = {"succeeded": 8, "failed": 2, "retrying": 10, "status:503": 9, "status:200": 8}
    tally(organization.id, new_id(), now, **numbers, **{"ms:36": 99, "ms:60": 1})
    figures = counters.figures(organization.id, window("1h", now))
    assert (figures.success_rate, figures.failure_rate) == (0.8, 0.6)
    assert figures.named("status") == [("503", 9), ("200", 8)]
    assert figures.response_ms(0.5) == pytest.approx(51.2, rel=0.01)
    assert figures.response_ms(0.999) == pytest.approx(3277, rel=0.01)


def test_there_is_no_rate_without_attempts(app: Flask, organization: Any) -> None:
    figures = counters.figures(organization.id, window("1h", now_ms()))
    assert (figures.success_rate, figures.failure_rate, figures.response_ms(0.5)) == (
        None,
        None,
        None,
    )
    assert figures.named("cause") == []


def test_figures_report_a_backlog_of_tallies(
    app: Flask, organization: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counters, "MAX_TALLIES", 2)
    for number in (1, 10, 100):
        tally(organization.id, None, now_ms(), failed=number)
    figures = counters.figures(organization.id, window("1h", now_ms()))
    assert (figures.behind, figures.of("failed")) == (True, 110)
    add_up()
    figures = counters.figures(organization.id, window("1h", now_ms()))
    assert (figures.behind, figures.of("failed")) == (False, 111)


def test_sparklines_show_each_webhook_by_hour(app: Flask, organization: Any) -> None:
    good, bad, quiet, now = new_id(), new_id(), new_id(), now_ms()
    tally(organization.id, good, now - 23 * HOUR_MS, succeeded=3)
    tally(organization.id, bad, now, failed=1)
    add_up()
    tally(organization.id, bad, now, retrying=1, succeeded=2)
    tally(organization.id, good, now - 25 * HOUR_MS, succeeded=9)
    sparklines = by_webhook.sparks(organization.id, [good, bad, quiet], now)
    assert sparklines[good].series["succeeded"] == [3] + [0] * 23
    assert (sparklines[bad].failure_rate, sparklines[bad].attempts) == (0.5, 4)
    assert sparklines[quiet].failure_rate is None
    assert by_webhook.sparks(organization.id, [], now) == {}


def test_figures_use_the_primary_key_of_counters(sqlite_app: Flask, organization: Any) -> None:
    statements: list[tuple[str, Any]] = []

    def note(*parameters: Any) -> None:
        statements.append(parameters[2:4])

    event.listen(db.engine, "before_cursor_execute", note)
    counters.figures(organization.id, window("24h", now_ms()))
    by_webhook.sparks(organization.id, [new_id(), new_id()], now_ms())
    event.remove(db.engine, "before_cursor_execute", note)
    db.session.commit()
    plans = []
    with sqlite3.connect(str(db.engine.url.database)) as connection:
        for sql, parameters in statements:
            rows = connection.execute(f"EXPLAIN QUERY PLAN {sql}", parameters)
            plans += [row[3] for row in rows if "counters" in row[3]]
    assert len(plans) == 2
    assert all("(subject_id=? AND span=? AND start>?" in plan for plan in plans), plans


@pytest.mark.parametrize("added_up", [True, False])
@pytest.mark.parametrize("shift", [0, 1, 7, 14])
def test_sums_since_a_minute_are_those_of_the_minutes(
    app: Flask, organization: Any, added_up: bool, shift: int
) -> None:
    hook, other = new_id(), new_id()
    now = now_ms() - shift * MINUTE_MS
    since = window("1h", now).start
    for minute in range(-3, 60):
        tally(organization.id, hook, since + minute * MINUTE_MS, succeeded=1, retrying=2)
    tally(organization.id, hook, since, failed=3)
    if added_up:
        add_up()
    sums = by_webhook.outcome_sums(organization.id, [hook, other], since)
    assert sums[hook] == {"succeeded": 60, "retrying": 120, "failed": 3}
    assert set(sums[other].values()) == {0}
