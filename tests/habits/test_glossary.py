"""The glossary: words that must not come back, each with the term to use instead.

Templates, messages (string literals and docstrings of app/), comments, module names and documents
are checked. The terms are those that engineers know from comparable products.
"""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.habits import tree

# pattern: the term to use instead.
WORDS = {
    r"whoever": "name the role: the consumer, the caller",
    r"none was": "say what is missing: 'No key is set.'",
    r"is no (?:member|webhook|number|name|id|cursor|json|list|date|color|url)": "Invalid ...",
    r"mend(?:s|ed|ing)?": "fix",
    r"(?:the )bell": "wake-up",
    r"(?:the )desk": "queue client",
    r"(?:the )ledger": "due queue, or database",
    r"(?:the )drain(?! of)": "dispatcher",
    r"(?:the )wire": "HTTP client",
    r"(?:the )roll": "worker registry",
    r"strike off": "deregister",
    r"taken for dead": "considered dead, lost its lease",
    r"tried again": "retried",
    r"leave it": "Cancel",
    r"look again": "Refresh",
    r"where to": "Endpoint",
    r"given up": "failed (retries exhausted)",
    r"it stands": "it is",
    r"as it stands": "unchanged",
    r"switched off": "disabled",
    r"errands?": "background task",
    r"chores?": "periodic task",
    r"catchers?": "test inbox",
    r"somebody": "name the role",
    r"by-and-by": "later",
    r"in hand": "claimed, in flight",
    r"one-off lanes?": "one-off callback target",
}
# Names that say nothing about their value: what to write instead.
NAMES = {
    "found": "what it is: row, match, errors",
    "given": "what it is: fields, settings, value",
    "made": "what it is: webhook, link, created",
    "one": "what it is, or first",
    "some": "what they are",
    "standing": "existing, or current",
    "place": "index, position, path or origin",
    "them": "what they are",
    "told": "message, notices, reported",
    "theirs": "what it is, of whom",
    "answer": "response",
    "somebody": "user, caller, visitor",
    "nobody": "what its absence means",
    "catcher": "inbox",
    "ledger": "due_queue",
    "bell": "wake_up",
}
NAMED_ROOTS = ("app/", "bench/", "clients/", "examples/", "script/", "tests/", "torture/")
PATTERN = re.compile(r"\b(?:" + "|".join(f"(?:{word})" for word in WORDS) + r")\b", re.IGNORECASE)

# Names that stay because programs outside depend on them.
KEPT = re.compile(
    r"/catch(?:er)?\b|catcher_|_catcher|\bcatchers\.|\"catchers?\"|'catchers?'|callboard:bell|\bchores\b\"|\"catcher\.\w+\""
)
# Words are the subject of these files.
APART = ("tests/habits/test_glossary.py", "docs/contributing.md", "CHANGELOG.md")


def _texts(path: Path) -> Iterator[tuple[int, str]]:
    """Line numbers and texts that people read: everything but the code of Python files."""
    text = path.read_text()
    if path.suffix != ".py":
        yield from enumerate(text.splitlines(), 1)
        return
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type in (tokenize.STRING, tokenize.COMMENT):
            for offset, line in enumerate(token.string.splitlines()):
                yield token.start[0] + offset, line


def _is_read(path: Path) -> bool:
    name = tree.name(path)
    if name in APART or "/vendor/" in name:
        return False
    return name.startswith(("app/", "templates/", "docs/", "examples/", "deploy/")) or name in (
        "README.md",
        "asgi.py",
        "worker.py",
        "wsgi.py",
    )


def test_no_word_of_the_glossary_is_used() -> None:
    uses = [
        f"{tree.name(path)}:{number}: {match[0]} -> {line.strip()[:80]}"
        for path in tree.tracked(".py", ".html", ".md", ".toml", ".yaml", ".sh")
        if _is_read(path)
        for number, line in _texts(path)
        if (match := PATTERN.search(KEPT.sub("", line)))
    ]
    assert uses == []


@pytest.mark.parametrize(
    ("sentence", "is_refused"),
    [
        ("Whoever has the key", True),
        ("The worker was taken for dead", True),
        ("Redis unavailable; polling the database", False),
        ("Recommended settings", False),
    ],
)
def test_the_pattern_finds_words_and_not_parts_of_words(sentence: str, *, is_refused: bool) -> None:
    assert (PATTERN.search(sentence) is not None) is is_refused


def _names(module: ast.Module) -> Iterator[tuple[int, str]]:
    """Line numbers and names of variables, arguments, functions and classes."""
    for node in ast.walk(module):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.lineno, node.id
        elif isinstance(node, ast.arg):
            yield node.lineno, node.arg
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.lineno, node.name


def test_names_say_what_a_value_is() -> None:
    uses = [
        f"{tree.name(path)}:{line}: {name} -> {NAMES[name.strip('_')]}"
        for path in tree.tracked(".py")
        if tree.name(path).startswith(NAMED_ROOTS)
        for line, name in _names(ast.parse(path.read_text()))
        if name.strip("_") in NAMES
    ]
    assert uses == []


def test_no_module_is_named_by_a_word_of_the_glossary() -> None:
    names = re.compile(
        r"(^|_)(bell|desk|ledger|drain|wire|roll|errand|chore|catcher|patience)s?(_|$)"
    )
    modules = [path for path in tree.tracked(".py") if tree.name(path).startswith("app/")]
    assert [tree.name(path) for path in modules if names.search(path.stem)] == []


def test_no_file_name_repeats_the_name_of_its_folder() -> None:
    def repeats(path: Path) -> bool:
        folder = path.parent.name.removesuffix("s")
        # An API key is a noun of its own.
        return path.stem.startswith(f"{folder}_") and path.stem != "api_keys"

    modules = [path for path in tree.tracked(".py") if tree.name(path).startswith("app/")]
    assert [tree.name(path) for path in modules if repeats(path)] == []
