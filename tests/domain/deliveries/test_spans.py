import pytest

from app.domain.common.clock import parse_iso
from app.domain.deliveries import spans
from app.domain.deliveries.spans import DAY, start_of, window

# 2026-02-24T11:52:20.810Z
NOW = 1_771_933_940_810


@pytest.mark.parametrize("name", spans.RANGES)
def test_the_last_bar_of_a_chart_contains_now(name: str) -> None:
    found = window(name, NOW)
    bars = list(found.bars())
    assert len(bars) == len(found) == spans.RANGES[name][0]
    assert bars[-1][0] <= NOW < bars[-1][1]
    assert found.index_of(NOW) == len(found) - 1
    assert found.index_of(found.start - 1) is None
    assert found.index_of(found.end) is None


@pytest.mark.parametrize("name", spans.RANGES)
def test_no_chart_reads_beyond_the_retention_of_its_counters(name: str) -> None:
    found = window(name, NOW)
    assert (NOW - found.start) // 1000 < spans.KEPT[found.span]


def test_spans_start_at_midnight_utc() -> None:
    assert start_of(NOW, DAY) == parse_iso("2026-02-24T00:00")
