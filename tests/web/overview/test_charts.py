import re
from collections.abc import Iterator
from itertools import pairwise

import pytest
from flask import Flask

from app.domain.common.clock import parse_iso
from app.domain.deliveries.spans import RANGES, window
from app.queries.statistics.counters import SERIES, Figures
from app.queries.statistics.overview import Failed
from app.web.common.rendering import formats
from app.web.overview import charts
from app.web.overview.breakdowns import SHOWN, breakdowns
from app.web.overview.orders import Orders

SINCE, NONE_FAILED = "2026-02-24T12:00", Failed([], capped=False)
NOW = parse_iso("2026-02-24T11:52:20")


@pytest.fixture(autouse=True)
def request_context(sqlite_app: Flask) -> Iterator[None]:
    with sqlite_app.test_request_context():
        yield


def figures(name: str = "24h", **last: int) -> Figures:
    """All that is given happened in the last bar."""
    range_ = window(name, NOW)
    series = {state: [0] * len(range_) for state in SERIES}
    for state, number in last.items():
        series[state][-1] = number
    return Figures(range_, series, dict(last))


@pytest.mark.parametrize(
    ("tallest", "step"), [(0, 1), (1, 1), (4, 1), (5, 2), (9, 5), (40, 10), (41, 20), (999, 500)]
)
def test_ticks_are_round_numbers(tallest: int, step: int) -> None:
    assert charts.tick_step(tallest) == step


def test_the_axis_starts_at_zero_and_ends_above_the_tallest_bar() -> None:
    chart = charts.chart(figures(succeeded=41))
    assert [words for _, words in chart.ticks] == ["0", "20", "40", "60"]
    assert chart.ticks[0][0] == charts.HEIGHT
    assert chart.ticks[-1][0] == charts.TOP
    assert chart.bars[-1].segments[0].height == pytest.approx(166 * 41 / 60, abs=0.1)


def test_failures_are_drawn_first_from_the_axis() -> None:
    parts = charts.chart(figures(succeeded=10, retrying=10, failed=10)).bars[-1].segments
    assert [part.state for part in parts] == ["failed", "retrying", "succeeded"]
    assert parts[0].y + parts[0].height == charts.HEIGHT
    assert parts[1].y + parts[1].height == pytest.approx(parts[0].y, abs=0.2)


def test_one_failure_among_thousands_stays_visible() -> None:
    failed, _ = charts.chart(figures(succeeded=9000, failed=1)).bars[-1].segments
    assert failed.height == charts.MIN_HEIGHT


def test_an_empty_chart_is_marked_empty() -> None:
    chart = charts.chart(figures())
    assert chart.is_empty
    assert chart.rows == []
    assert chart.bars[0].words == "no attempts; 0 deliveries created"


@pytest.mark.parametrize("name", RANGES)
def test_bars_fill_the_width_and_labels_do_not_overlap(name: str) -> None:
    chart = charts.chart(figures(name, failed=1))
    assert chart.bars[0].x > 0
    assert chart.bars[-1].x + chart.bars[-1].width < 100
    positions = [position for position, _ in chart.labels]
    assert 4 <= len(positions) <= 8
    assert all(b - a > 11 for a, b in pairwise(positions))


def test_a_bar_opens_the_deliveries_of_its_webhook_and_time() -> None:
    bar = charts.chart(figures(failed=1), "some-id").bars[-1]
    assert "webhook_id=some-id" in bar.url
    assert (bar.since, bar.until) == ("2026-02-24T11:45", "2026-02-24T12:00")


def test_a_sparkline_stays_within_its_height() -> None:
    parts = charts.spark(figures(succeeded=1000, failed=1, retrying=2))
    assert {state for state, _ in parts} == {"failed", "succeeded"}
    bars = [re.findall(r"M\d+ ([\d.]+)h3v([\d.]+)h-3z", path) for _, path in parts]
    assert [len(of_state) for of_state in bars] == [1, 1]
    edges = [(float(y), float(y) + float(height)) for [(y, height)] in bars]
    assert all(top >= 0 and bottom <= charts.SPARK_HEIGHT for top, bottom in edges)


@pytest.mark.parametrize(
    ("count", "words"), [(0, "0"), (950, "950"), (1500, "1.5k"), (20_000, "20k"), (5 * 10**6, "5M")]
)
def test_large_numbers_on_the_axis_are_short(count: int, words: str) -> None:
    assert charts.short(count) == words


@pytest.mark.parametrize(
    ("share", "words"),
    [(None, "–"), (0, "0"), (1, "100"), (0.99996, "99.9"), (0.0001, "0.1"), (0.987, "98.7")],
)
def test_a_rate_is_0_or_100_only_if_exact(share: float | None, words: str) -> None:
    assert formats.percent(share) == words


@pytest.mark.parametrize(
    ("ms", "words"), [(None, "–"), (0.8, "0.8 ms"), (41.3, "41 ms"), (1180.0, "1.2 s")]
)
def test_response_times_show_two_digits(ms: float | None, words: str) -> None:
    assert formats.milliseconds(ms) == words


def test_the_time_of_a_bar_is_formatted() -> None:
    day = parse_iso("2026-02-24T00:00")
    assert formats.between(day, day + 900_000) == "24 Feb, 00:00 to 00:15 UTC"
    assert formats.between(day, day + 86_400_000) == "24 Feb"


def test_a_breakdown_shows_the_most_frequent_and_counts_the_rest() -> None:
    totals = figures()
    totals.sums.update({f"type:t{n}": n + 1 for n in range(SHOWN + 3)} | {"failed_type:t9": 5})
    types = breakdowns(totals, NONE_FAILED, SINCE, Orders({}))[2]
    assert [row.words for row in types.rows[:2]] == ["t10", "t9"]
    assert (types.rows[0].percent, types.rows[1].failed) == (100, 5)
    assert types.rows[1].failed_percent == pytest.approx(types.rows[1].percent / 2, abs=0.1)
    assert (len(types.rows), types.more) == (SHOWN, 3)


def test_each_failure_reason_links_to_its_failed_deliveries() -> None:
    failed = Failed([("dns", 2), ("strange", 1), ("", 1)], capped=False)
    rows = breakdowns(figures(), failed, SINCE, Orders({}), "some-id")[1].rows
    assert [row.words for row in rows] == ["DNS lookup failed", "strange", "Unknown"]
    assert "state=failed&cause=dns" in rows[0].url
    assert "webhook_id=some-id" in rows[0].url
    assert rows[2].url == ""
