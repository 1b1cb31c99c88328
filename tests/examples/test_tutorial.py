"""docs/tutorial.md: every command is run, and has the output that the page shows."""

import ast
import re
import shlex
import shutil
from pathlib import Path

import click
import pytest

from callboard import Callboard
from callboard.cli.main import cli
from tests.examples.tutorial import Tutorial, blocks, matches
from tests.support.databases import SqliteTemplate
from tests.support.product import ROOT
from tests.support.servers.installation import Installation
from tests.support.servers.ports import free_port

PLATFORM_KEY = "try-callboard-0123456789"
COMMANDS = [
    command
    for block in blocks()
    if block.kind == "console"
    for line, _ in block.commands()
    for command in re.findall(r"(?:^|\$\()(callboard [^|<)]+)", line)
]


def _context(group: click.Group, context: click.Context, arguments: list[str]) -> None:
    """UsageError: the command would be refused."""
    name, command, rest = group.resolve_command(context, arguments)
    assert command is not None
    if isinstance(command, click.Group):
        inner = command.make_context(name, list(rest), parent=context)
        _context(command, inner, list(rest))
    else:
        command.make_context(name, list(rest), parent=context)


@pytest.mark.parametrize("line", [line for line in COMMANDS if "--version" not in line])
@pytest.mark.filterwarnings("ignore:'protected_args':DeprecationWarning")
def test_each_command_is_valid(line: str) -> None:
    _context(cli, click.Context(cli), shlex.split(line)[1:])


def test_each_program_is_python() -> None:
    programs = [block for block in blocks() if block.kind == "python"]
    assert {block.title for block in programs} == {"app.py", "key.py", "send.py"}
    for block in programs:
        ast.parse(block.text)


@pytest.mark.parametrize(
    ("expected", "is_match"),
    [("a ... c\n", True), ("b\n", False), ("a b c\n...\nd\n", True), ("a b\n", False)],
)
def test_dots_stand_for_anything(expected: str, *, is_match: bool) -> None:
    assert matches(expected, "a b c\nx\ny\nd\n") is is_match


@pytest.mark.long
@pytest.mark.acceptance
@pytest.mark.timeout(300)
def test_the_tutorial_goes_as_it_says(
    sqlite_template: SqliteTemplate, redis_url: str, tmp_path: Path
) -> None:
    """Terminal 1, which starts Callboard, is run by tests/acceptance."""
    shutil.copytree(ROOT / "clients" / "python", tmp_path / "callboard" / "clients" / "python")
    directory = tmp_path / "own"
    directory.mkdir()
    server = tmp_path / "server"
    server.mkdir()
    installation = Installation(
        server, sqlite_template.copy(server), redis_url, PLATFORM_API_KEY=PLATFORM_KEY
    )
    replacements = {"http://127.0.0.1:8000": installation.url, "3000": str(free_port())}
    with installation.worker(), installation.web():
        with Callboard(installation.url, PLATFORM_KEY) as platform:
            organization_id = platform.organizations.create(name="A")["id"]
        tutorial = Tutorial(directory, replacements)
        try:
            for block in blocks():
                if not block.title.startswith("Terminal 1"):
                    tutorial.do(block)
        finally:
            codes = tutorial.close()
        assert codes["Terminal 3: listen"] == 0
        with Callboard(installation.url, PLATFORM_KEY, organization=organization_id) as platform:
            assert list(platform.listeners.list()) == []
