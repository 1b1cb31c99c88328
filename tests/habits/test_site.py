"""The documentation builds as a site without a dead link, and its reference is that of the code."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from script import reference
from tests.habits.tree import ROOT


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "mkdocs", "build", "--strict", "-d", str(directory)],
        cwd=ROOT,
        env=os.environ | {"NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        timeout=170,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return directory


def test_the_site_has_every_document(site: Path) -> None:
    documents = {path.relative_to(ROOT / "docs") for path in (ROOT / "docs").rglob("*.md")}
    pages = {path.with_suffix("") for path in documents if path.name != "README.md"}
    assert [page for page in pages if not (site / page / "index.html").exists()] == []
    assert "Five minutes" in (site / "start" / "index.html").read_text()


def test_linked_source_files_are_part_of_the_site(site: Path) -> None:
    page = (site / "verifying" / "index.html").read_text()
    targets = re.findall(r'href="\.\./(source/[^"]+)"', page)
    assert len(targets) > 10
    assert [target for target in targets if not (site / target).exists()] == []


def test_nothing_is_loaded_from_other_sites(site: Path) -> None:
    page = (site / "start" / "index.html").read_text()
    loaded = re.findall(r'<(?:script|link|img)[^>]+(?:src|href)="(https?://[^"]+)"', page)
    assert loaded == []


def test_the_reference_is_that_of_the_code() -> None:
    differing = [
        name
        for name, text in reference.pages().items()
        if (reference.DIRECTORY / name).read_text() != text
    ]
    assert differing == [], "run .venv/bin/python -m script.reference"
