from pathlib import Path

import pytest

from bench import report
from bench.figures import Aim, Case, at_most, to_before


def test_a_comparison_gives_the_ratio_of_each_figure_and_of_each_aim(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = tmp_path / "page.md"
    monkeypatch.setattr(report, "COMPARISON", page)
    aims = [
        Aim("CPU: at most 0.33 x before", to_before("CPU"), at_most(0.33)),
        Aim("p50: at most 5 ms", lambda figures: figures["p50"], at_most(5), "ms"),
    ]
    case = Case("flood", "A flood", lambda _: {}, aims[1:], notes="Of 1 KB.", against=aims[:1])
    compared = [(case, {"CPU": 4.0}, {"CPU": 1.0, "p50": 9.0})]
    report.write_comparison("94c1d3b", compared, {"Cores": "2"}, 7)
    lines = page.read_text().splitlines()
    assert "| A flood | CPU: at most 0.33 x before | 0.25  | yes |" in lines
    assert "| A flood | p50: at most 5 ms | 9 ms | **no** |" in lines
    assert "| flood | CPU | 4 | 1 | 0.25 |" in lines
    assert "| flood | p50 |  | 9 |  |" in lines
    assert "- **flood**: Of 1 KB." in lines
