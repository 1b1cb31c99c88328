"""Every shell command of the documents is run by a test, or has a reason why it is not."""

import pytest

from tests.documents import (
    collected,
    registry,
    test_first_steps,
    test_http_commands,
    test_lines,
    test_server_commands,
    test_settings_in_documents,
)
from tests.habits import tree

_HERE = (
    test_first_steps,
    test_http_commands,
    test_lines,
    test_server_commands,
    test_settings_in_documents,
)
_LISTED = (*registry.ELSEWHERE, *registry.NOT_RUN)


def _is_accounted_for(document: str, command: str) -> bool:
    return any(module.is_run_here(document, command) for module in _HERE) or any(
        document == listed and command.startswith(beginning) for listed, beginning, _ in _LISTED
    )


@pytest.mark.parametrize("document", collected.documents())
def test_each_command_is_run_or_says_why_not(document: str) -> None:
    """A new one: run it in a test of this folder, or name it in registry.py."""
    if document in registry.WHOLE:
        return
    commands = collected.commands(document)
    assert [each for each in commands if not _is_accounted_for(document, each)] == []


@pytest.mark.parametrize("document", collected.documents())
def test_each_indented_block_is_understood(document: str) -> None:
    """A command of a program that PROGRAMS does not know would not be seen."""
    unknown = [
        block.text.splitlines()[0]
        for block in collected.blocks(document)
        if block.language == "" and not (block.commands or block.is_shown or block.is_python)
    ]
    assert unknown == []


def test_each_entry_of_the_registry_is_used() -> None:
    commands = {name: collected.commands(name) for name in collected.documents()}
    unused = [
        (document, beginning)
        for document, beginning, _ in _LISTED
        if not any(command.startswith(beginning) for command in commands.get(document, ()))
    ]
    assert unused == []


def test_the_tests_of_the_registry_exist() -> None:
    tests = {*registry.WHOLE.values(), *(test for _, _, test in registry.ELSEWHERE)}
    assert [test for test in tests if not (tree.ROOT / test).is_file()] == []


@pytest.mark.parametrize(
    ("text", "commands"),
    [
        ("curl a \\\n  -d b\n\n{}", ["curl a \\\n  -d b"]),
        ("A=1 B=$(cat x y) jq . c   # d", ["A=1 B=$(cat x y) jq . c   # d"]),
        ("export A='1\n2'\nready", ["export A='1\n2'"]),
        ("unheard-of --help", []),
        ('callboard = Callboard("a", "b")', []),
    ],
)
def test_commands_are_found_among_their_output(text: str, commands: list[str]) -> None:
    assert collected.Block("a.md", "", text).commands == commands


def test_each_line_of_a_shell_is_a_command() -> None:
    block = collected.Block("a.md", "sh", "unheard-of --help\n# why\nA=1\n")
    assert block.commands == ["unheard-of --help", "A=1"]
    assert collected.Block("a.md", "console", "$ a b\nc\n$ d").commands == ["a b", "d"]
    assert collected.Block("a.md", "json", "curl a").commands == []
