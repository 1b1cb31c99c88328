"""Writes docs/operations/figures.md at the end: `pytest -p tests.deploy.acceptance_plugin`."""

import pytest

from tests.deploy.tools import figures

_outcomes: dict[str, str] = {}


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.when == "call" or report.outcome != "passed":
        file, _, name = report.nodeid.partition("::")
        part = file.rpartition("/")[2].removesuffix(".py").removeprefix("acceptance_")
        text = name.removeprefix("test_").replace("_", " ")
        _outcomes[f"{part.removeprefix('test_')}: {text}"] = report.outcome


def pytest_sessionfinish(session: pytest.Session) -> None:
    if session.testscollected:
        figures.write(_outcomes)
