"""Links in the documents lead to existing files."""

import re
from pathlib import Path

import pytest

from tests.habits import tree

LINK = re.compile(r"\]\(([^)\s]+)\)")
DOCUMENTS = tree.tracked(".md")


def test_the_index_links_every_document() -> None:
    index = set(LINK.findall((tree.ROOT / "docs/README.md").read_text()))
    documents = {path.name for path in DOCUMENTS if path.parent == tree.ROOT / "docs"}
    assert documents - index == {"README.md"}


@pytest.mark.parametrize("document", DOCUMENTS, ids=tree.name)
def test_every_linked_file_exists(document: Path) -> None:
    targets = LINK.findall(document.read_text())
    files = [target.partition("#")[0] for target in targets if "://" not in target]
    assert [file for file in files if not (document.parent / file).exists()] == []
