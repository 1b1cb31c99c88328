import pytest

from app.domain import spans
from app.domain.spans import DAY, HOUR, MINUTE, cover, start_of, window

# 2026-02-24T11:52:20.810Z
NOW = 1_771_933_940_810


def at(text: str) -> int:
    from app.domain.clock import parse_iso

    return parse_iso(text)


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("10:00", "10:00", []),
        ("10:00", "10:05", [(MINUTE, "10:00", "10:05")]),
        ("10:00", "11:00", [(HOUR, "10:00", "11:00")]),
        (
            "10:58",
            "12:02",
            [(MINUTE, "10:58", "11:00"), (HOUR, "11:00", "12:00"), (MINUTE, "12:00", "12:02")],
        ),
        ("10:58", "11:58", [(MINUTE, "10:58", "11:58")]),
    ],
)
def test_a_time_is_covered_by_the_largest_spans_that_fit(
    start: str, end: str, expected: list[tuple[int, str, str]]
) -> None:
    day = "2026-02-24T"
    found = cover(at(day + start), at(day + end))
    assert found == [(span, at(day + first), at(day + last)) for span, first, last in expected]


def test_whole_days_stand_in_the_middle() -> None:
    start, end = at("2026-02-22T23:00"), at("2026-02-25T01:00")
    assert [(span, (last - first) // 1000) for span, first, last in cover(start, end)] == [
        (HOUR, HOUR),
        (DAY, 2 * DAY),
        (HOUR, HOUR),
    ]


@pytest.mark.parametrize("name", spans.RANGES)
def test_the_last_bar_of_a_chart_is_the_present_one(name: str) -> None:
    found = window(name, NOW)
    bars = list(found.bars())
    assert len(bars) == len(found) == spans.RANGES[name][0]
    assert bars[-1][0] <= NOW < bars[-1][1]
    assert found.place_of(NOW) == len(found) - 1
    assert found.place_of(found.start - 1) is None
    assert found.place_of(found.end) is None


@pytest.mark.parametrize("name", spans.RANGES)
def test_what_a_chart_reads_is_still_kept(name: str) -> None:
    found = window(name, NOW)
    assert (NOW - found.start) // 1000 < spans.KEPT[found.span]
    for span, start, _ in cover(found.start, found.end):
        assert (NOW - start) // 1000 < spans.KEPT[span]


def test_spans_start_with_the_day_in_utc() -> None:
    assert start_of(NOW, DAY) == at("2026-02-24T00:00")
