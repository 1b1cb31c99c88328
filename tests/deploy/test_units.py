"""The systemd units: hardened, correct to systemd itself, and possible to enable."""

import configparser
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.deploy.tools.programs import DEPLOY, program

UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
SOCKETS = sorted((DEPLOY / "systemd").glob("*.socket"))
EXPOSURE = re.compile(r"Overall exposure level for .*: ([\d.]+) ")


def _read(unit: Path) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[method-assign,assignment]
    parser.read(unit)
    return parser


def _name(path: Path) -> str:
    return path.name


@pytest.mark.parametrize("unit", UNITS, ids=_name)
def test_a_unit_has_a_low_exposure_level(unit: Path) -> None:
    command = [program("systemd-analyze"), "security", "--offline=yes", str(unit)]
    report = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    level = EXPOSURE.search(report)
    assert level, report
    assert float(level[1]) < 3


@pytest.mark.parametrize("unit", [*UNITS, *SOCKETS], ids=_name)
def test_a_unit_can_be_enabled(unit: Path) -> None:
    assert _read(unit)["Install"]["WantedBy"] in ("multi-user.target", "sockets.target")


def test_systemd_analyze_verifies_the_units(tmp_path: Path) -> None:
    """With the path of a Python that is there, since systemd looks for it."""
    for unit in [*UNITS, *SOCKETS]:
        text = unit.read_text().replace("/opt/callboard/.venv/bin/python", sys.executable)
        (tmp_path / unit.name).write_text(text)
    files = [str(path) for path in sorted(tmp_path.iterdir())]
    command = [program("systemd-analyze"), "verify", "--man=no", *files]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    ours = [line for line in done.stderr.splitlines() if "callboard" in line]
    assert ours == []
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("unit", UNITS, ids=_name)
def test_all_units_have_the_same_permissions(unit: Path) -> None:
    """One block, word by word: a right that one unit gains is given on purpose to all."""

    def block(path: Path) -> str:
        return path.read_text().partition("# What it may do on the machine")[2].partition("\n[")[0]

    assert block(unit)
    assert block(unit) == block(DEPLOY / "systemd/callboard.service")
