import pytest

from app.domain.common.clock import parse_iso
from app.domain.deliveries import spans
from app.domain.deliveries.spans import DAY, start_of, window

# 2026-02-24T11:52:20.810Z
NOW = 1_771_933_940_810


@pytest.mark.parametrize("name", spans.RANGES)
def test_the_last_bar_of_a_chart_contains_now(name: str) -> None:
    chart = window(name, NOW)
    bars = list(chart.bars())
    assert len(bars) == len(chart) == spans.RANGES[name][0]
    assert bars[-1][0] <= NOW < bars[-1][1]
    assert chart.index_of(NOW) == len(chart) - 1
    assert chart.index_of(chart.start - 1) is None
    assert chart.index_of(chart.end) is None


@pytest.mark.parametrize("name", spans.RANGES)
def test_no_chart_reads_beyond_the_retention_of_its_counters(name: str) -> None:
    chart = window(name, NOW)
    assert (NOW - chart.start) // 1000 < spans.KEPT[chart.span]


def test_spans_start_at_midnight_utc() -> None:
    assert start_of(NOW, DAY) == parse_iso("2026-02-24T00:00")
