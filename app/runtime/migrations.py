"""The chain of migrations on disk."""

import re
from pathlib import Path

from app.runtime.root import ROOT

_REVISION = re.compile(r"""^(down_)?revision\b[^=]*=\s*["'](\w+)["']""", re.MULTILINE)
DIRECTORY = ROOT / "migrations"


def revisions(migrations: Path = DIRECTORY) -> set[str]:
    """All that this release knows."""
    return _read(migrations)[0]


def heads(migrations: Path = DIRECTORY) -> set[str]:
    """The revisions without a successor; there is one."""
    known, superseded = _read(migrations)
    return known - superseded


def _read(migrations: Path) -> tuple[set[str], set[str]]:
    known: set[str] = set()
    superseded: set[str] = set()
    for file in (migrations / "versions").glob("*.py"):
        for down, name in _REVISION.findall(file.read_text()):
            (superseded if down else known).add(name)
    return known, superseded
