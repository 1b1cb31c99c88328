"""Files and functions stay within their size limits."""

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.habits import tree

LINES = {".py": 250, ".html": 120, ".css": 150, ".js": 250}
FUNCTION_LINES = 40
# About fifteen; a larger folder is split by noun.
MODULES = 17
TEMPLATE_COLUMNS = 140
# Generated or third-party files.
EXCEPTIONS = ("migrations/versions/", "static/vendor/")


def _ours(*endings: str) -> list[Path]:
    return [path for path in tree.tracked(*endings) if not tree.name(path).startswith(EXCEPTIONS)]


@pytest.mark.parametrize("ending", LINES)
def test_files_are_within_the_limit_of_lines(ending: str) -> None:
    lengths = {tree.name(path): len(path.read_text().splitlines()) for path in _ours(ending)}
    assert {name: n for name, n in lengths.items() if n > LINES[ending]} == {}


def test_folders_hold_few_modules() -> None:
    modules = [path for path in _ours(".py") if path.name != "__init__.py"]
    sizes = Counter(str(Path(tree.name(path)).parent) for path in modules)
    assert {folder: n for folder, n in sizes.items() if n > MODULES} == {}


def test_lines_of_templates_fit_their_budget() -> None:
    wide = [
        f"{tree.name(path)}:{number}"
        for path in _ours(".html")
        for number, text in enumerate(path.read_text().splitlines(), start=1)
        if len(text) > TEMPLATE_COLUMNS
    ]
    assert wide == []


def _functions(path: Path) -> Iterator[tuple[str, int]]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert node.end_lineno is not None
            label = f"{tree.name(path)}:{node.lineno} {node.name}"
            yield label, node.end_lineno - node.lineno + 1


def test_functions_are_within_the_limit_of_lines() -> None:
    lengths = dict(pair for path in _ours(".py") for pair in _functions(path))
    assert {label: n for label, n in lengths.items() if n > FUNCTION_LINES} == {}
