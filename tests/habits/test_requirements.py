"""Each thing that is installed has its reason, and is locked."""

import re
from pathlib import Path

import pytest

from tests.habits import tree

SOURCES = ("requirements.in", "requirements-dev.in", "requirements-redis.in")


def _wanted(source: str) -> list[str]:
    lines = (tree.ROOT / source).read_text().splitlines()
    return [line for line in lines if line and not line.startswith(("#", "-r "))]


def _locked(source: str) -> str:
    return Path(tree.ROOT / source).with_suffix(".txt").read_text()


@pytest.mark.parametrize("source", SOURCES)
def test_each_requirement_has_its_reason_beside_it(source: str) -> None:
    assert [line for line in _wanted(source) if "  # " not in line] == []


@pytest.mark.parametrize("source", SOURCES)
def test_each_requirement_is_locked_with_hashes(source: str) -> None:
    lock = _locked(source)
    names = [re.split(r"[\[=<>~! ]", line)[0] for line in _wanted(source)]
    pattern = r"^{}(\[[\w,]+\])?==\S+ (; .*)?\\\n    --hash=sha256:"
    missing = [
        name for name in names if not re.search(pattern.format(re.escape(name)), lock, re.MULTILINE)
    ]
    assert missing == []


def test_what_is_tested_is_what_runs() -> None:
    version = re.compile(r"^([\w.-]+)(?:\[[\w,]+\])?==(\S+)", re.MULTILINE)
    product, tests = (dict(version.findall(_locked(source))) for source in SOURCES[:2])
    assert {name: tests.get(name) for name in product} == product
