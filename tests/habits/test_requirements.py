"""Every requirement has a reason and a locked version with hashes."""

import re
from pathlib import Path

import pytest

from tests.habits import tree

SOURCES = ("requirements.in", "requirements-dev.in", "requirements-redis.in")


def _requirements(source: str) -> list[str]:
    lines = (tree.ROOT / source).read_text().splitlines()
    return [line for line in lines if line and not line.startswith(("#", "-r "))]


def _locked(source: str) -> str:
    return Path(tree.ROOT / source).with_suffix(".txt").read_text()


@pytest.mark.parametrize("source", SOURCES)
def test_each_requirement_has_a_reason(source: str) -> None:
    assert [line for line in _requirements(source) if "  # " not in line] == []


@pytest.mark.parametrize("source", SOURCES)
def test_each_requirement_is_locked_with_hashes(source: str) -> None:
    lock = _locked(source)
    names = [re.split(r"[\[=<>~! ]", line)[0] for line in _requirements(source)]
    pattern = r"^{}(\[[\w,]+\])?==\S+ (; .*)?\\\n    --hash=sha256:"
    missing = [
        name for name in names if not re.search(pattern.format(re.escape(name)), lock, re.MULTILINE)
    ]
    assert missing == []


def test_the_tests_use_the_versions_of_production() -> None:
    version = re.compile(r"^([\w.-]+)(?:\[[\w,]+\])?==(\S+)", re.MULTILINE)
    product, tests = (dict(version.findall(_locked(source))) for source in SOURCES[:2])
    assert {name: tests.get(name) for name in product} == product
