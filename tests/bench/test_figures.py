import math

import pytest

from bench import report
from bench.appendix import TEXTS
from bench.cases import ALIASES, CASES
from bench.figures import Aim, Case, at_least, at_most, formatted, medians, percentile, ratio
from bench.report import _aims, write


@pytest.mark.parametrize(
    ("value", "text"),
    [(float("nan"), "not measured"), (0.0123, "0.0123"), (9.996, "10"), (42.25, "42.2")],
)
def test_small_figures_are_formatted_with_three_digits(value, text):
    assert formatted(value) == text


def test_large_figures_are_formatted_as_whole_numbers():
    assert formatted(12345.6) == "12,346"


def test_a_median_ignores_rounds_without_the_figure():
    assert medians([{"a": 1.0, "b": 5.0}, {"a": 3.0}, {"a": 2.0}]) == {"a": 2.0, "b": 5.0}


@pytest.mark.parametrize(("part", "value"), [(0, 1), (0.5, 3), (0.99, 5), (1, 5)])
def test_a_percentile_is_one_of_the_values(part, value):
    assert percentile([5, 3, 1, 2, 4], part) == value


def test_a_percentile_without_values_is_infinite():
    assert percentile([], 0.5) == math.inf


def test_a_ratio_to_a_missing_figure_meets_no_aim():
    value = ratio("a", "b")({"a": 1.0})
    assert not at_least(0)(value)
    assert not at_most(2)(value)


def test_the_table_shows_which_aims_were_not_met():
    aims = [Aim("at most 2", lambda f: f["a"], at_most(2), "ms")]
    case = Case("x", "A case", lambda _: {}, aims)
    assert _aims(case, {"a": 3.0}, "") == ["| A case | at most 2 | 3 ms | **no** |"]
    assert _aims(case, {"a": 1.0}, "") == ["| A case | at most 2 | 1 ms | yes |"]


def test_a_failed_case_is_in_the_table():
    [row] = _aims(CASES[0], {}, "TimeoutError: not within 120 s")
    assert "failed: TimeoutError" in row
    assert "**no**" in row


def test_the_page_contains_conditions_aims_figures_notes_and_plans(monkeypatch, tmp_path):
    page = tmp_path / "benchmarks.md"
    monkeypatch.setattr(report, "PAGE", page)
    monkeypatch.setitem(TEXTS, "A plan", "SCAN nothing")
    aims = [Aim("at most 2", lambda f: f["a"], at_most(2), "ms")]
    case = Case("x", "A case", lambda _: {}, aims, {"a": "ms"}, notes="A note.")
    write([(case, {"a": 3.0}, "")], {"Cores": "2"}, 61.0)
    text = page.read_text()
    for part in ("- Cores: 2", "- 61 s in total", "3 ms | **no**", "| x | a | 3 ms |", "A note."):
        assert part in text
    assert text.endswith("## A plan\n\n```\nSCAN nothing\n```\n")


def test_case_names_are_unique():
    assert len({case.name for case in CASES}) == len(CASES)


def test_earlier_names_of_cases_still_work():
    assert set(ALIASES.values()) <= {case.name for case in CASES}
    assert ALIASES["wire"] == "http_client"
