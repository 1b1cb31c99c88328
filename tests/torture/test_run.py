"""A moment of `script/torture`; docs/reliability.md has the figures of longer runs."""

import subprocess
import sys

import pytest

from tests.support.product import ROOT

pytestmark = [pytest.mark.faults, pytest.mark.timeout(600)]


@pytest.mark.parametrize(
    ("database", "seconds"),
    [
        ("sqlite", 8),
        pytest.param("sqlite", 30, marks=pytest.mark.long),
        pytest.param("postgresql", 30, marks=pytest.mark.long),
    ],
)
def test_nothing_is_lost_in_a_moment_of_faults(database: str, seconds: int) -> None:
    options = ["--seconds", str(seconds), "--database", database]
    command = [sys.executable, "-m", "torture", *options]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "lost: 0" in done.stdout
    assert "violations: 0" in done.stdout
