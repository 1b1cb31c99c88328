"""What the README says can be typed."""

import ast
import re
import shlex
from pathlib import Path

import click
import pytest

from callboard import Callboard
from callboard.cli.main import cli

README = (Path(__file__).resolve().parents[1] / "README.md").read_text()
BLOCKS = re.findall(r"(?:^    .*\n|^\n(?=    ))+", README, re.MULTILINE)
LINES = [line.strip() for block in BLOCKS for line in block.splitlines()]
COMMANDS = [line for line in LINES if re.search(r"(^|\| )callboard (?!=)", line)]
PYTHON = [
    re.sub(r"^    ", "", block, flags=re.MULTILINE)
    for block in BLOCKS
    if not re.search(r"^    (\S+ \| )?(callboard (?!=)|pip |eval )", block, re.MULTILINE)
]
RESOURCES = re.findall(r"^\| `(\w+)` \| (.*) \|$", README, re.MULTILINE)


def resolved(group: click.Group, context: click.Context, arguments: list[str]) -> click.Context:
    """The context of the command, its arguments parsed. UsageError: it would be refused."""
    name, command, rest = group.resolve_command(context, arguments)
    inner = command.make_context(name, rest, parent=context)
    if isinstance(command, click.Group):
        return resolved(command, inner, [*inner.protected_args, *inner.args])
    return inner


@pytest.mark.parametrize("line", COMMANDS)
@pytest.mark.filterwarnings("ignore:'protected_args':DeprecationWarning")
def test_each_command_is_valid(line, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("head.txt", "body.bin"):
        (tmp_path / name).touch()
    words = shlex.split(line.partition("| callboard ")[2] or line, comments=True)
    words = words[1:] if words[0] == "callboard" else words
    if ">" in words:
        words = words[: words.index(">")]
    with cli.make_context("callboard", words) as context:
        arguments = [*context.protected_args, *context.args]
        assert resolved(cli, context, arguments).command.callback is not None


def test_the_readme_has_commands():
    assert len(COMMANDS) > 25


@pytest.mark.parametrize("block", PYTHON)
def test_each_example_is_valid_python(block):
    ast.parse(block)


@pytest.mark.parametrize(("resource", "methods"), RESOURCES)
def test_the_table_of_methods_is_complete(resource, methods):
    kind = type(getattr(Callboard("http://127.0.0.1:1", "k"), resource))
    public = {name for name in vars(kind) if not name.startswith("_")}
    assert set(re.findall(r"`(\w+)`", methods)) == public
