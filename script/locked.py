"""Read a lock file."""

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
_PIN = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^\s;\\]+)")


@dataclass(frozen=True)
class Package:
    name: str
    version: str


def packages(lock: Path = ROOT / "requirements.txt") -> list[Package]:
    """A package may be listed with several versions, for several versions of Python."""
    pins = (_PIN.match(line) for line in lock.read_text().splitlines())
    return [Package(pin["name"], pin["version"]) for pin in pins if pin]
