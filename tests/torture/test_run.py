"""A minute of `script/torture`; docs/reliability.md has the figures of longer runs."""

import subprocess
import sys

import pytest

from tests.support.product import ROOT

pytestmark = [pytest.mark.faults, pytest.mark.timeout(600)]


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_nothing_is_lost_in_half_a_minute_of_faults(database: str) -> None:
    command = [sys.executable, "-m", "torture", "--seconds", "30", "--database", database]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "lost: 0" in done.stdout
    assert "violations: 0" in done.stdout
