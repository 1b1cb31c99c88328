"""The shell commands in the documents: README, docs/ and the README of the client."""

import ast
import re
import shlex
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from tests.habits import tree

# What a command begins with. A block that begins with none of them is no shell command.
PROGRAMS = frozenset({
    ".venv/bin/mkdocs", ".venv/bin/python", "apt-get", "caddy", "callboard", "cp", "curl",
    "docker", "eval", "export", "generate-events", "git", "helm", "install", "journalctl",
    "jq", "kubectl", "nginx", "pip", "python3", "redis-cli", "script/server", "systemctl",
})  # fmt: skip
# Written by `python -m script.reference`, and figures.
_WITHOUT_COMMANDS = re.compile(r"docs/(reference|decisions|operations/figures|benchmarks)")
_SHELLS = frozenset({"sh", "bash", "shell", "console"})
_FENCE = re.compile(r"^( *)```(\w*)")
_ASSIGNMENTS = re.compile(r"(?:[A-Za-z_]+=(?:\"[^\"]*\"|\$\([^)]*\)|\S*)(?:\s+|$))*")
# What an indented block shows besides commands, by its beginning. Whatever else begins with no
# program is a mistake: of the document, or of PROGRAMS.
SHOWN = (
    "callboard  | Ready on",
    "#8 POST /",
    "rules:",
    "Listening for all event types",
    "smtp://user:password@",
    "user callboard",
    "SECRET_KEY does not match",
    "<iframe",
    "CREATE TABLE",
    "# Python: pip install standardwebhooks",
    "{",
)


@dataclass(frozen=True)
class Block:
    """language: "" if it is indented only. text: without the indentation."""

    document: str
    language: str
    text: str

    @property
    def commands(self) -> list[str]:
        """As they are typed, each with the lines that continue it."""
        if self.language not in ("", *_SHELLS) or self.is_shown:
            return []
        if self.language == "console":
            typed = re.findall(r"^\$ (.*)$", self.text, re.MULTILINE)
            return [line.strip() for line in typed]
        return list(_commands(self.text.splitlines(), every=self.language in _SHELLS))

    @property
    def is_shown(self) -> bool:
        return self.text.startswith(SHOWN)

    @property
    def is_python(self) -> bool:
        try:
            ast.parse(self.text)
        except SyntaxError:
            return False
        return True


def documents() -> list[str]:
    names = [tree.name(path) for path in tree.tracked(".md")]
    chosen = [name for name in names if name.startswith("docs/") or name.endswith("README.md")]
    return [name for name in chosen if not _WITHOUT_COMMANDS.match(name)]


@cache
def blocks(document: str) -> tuple[Block, ...]:
    lines = (tree.ROOT / document).read_text().splitlines()
    return tuple(_blocks(document, lines))


def commands(document: str) -> list[str]:
    return [command for block in blocks(document) for command in block.commands]


def program(command: str) -> str:
    """The first word after assignments; "" if there are assignments only."""
    rest = command[_ASSIGNMENTS.match(command).end() :]  # type: ignore[union-attr]
    return rest.split()[0] if rest.strip() else ""


def _blocks(document: str, lines: list[str]) -> Iterator[Block]:
    number = 0
    while number < len(lines):
        fence = _FENCE.match(lines[number])
        start = number
        number += 1
        if fence:
            while not lines[number].strip().startswith("```"):
                number += 1
            text = textwrap.dedent("\n".join(lines[start + 1 : number]))
            yield Block(document, fence[2] or "text", text)
            number += 1
        elif lines[start].startswith("    ") and not lines[start - 1].strip():
            while number < len(lines) and re.match(r"    |\s*$", lines[number]):
                number += 1
            yield Block(document, "", textwrap.dedent("\n".join(lines[start:number])).strip("\n"))


def _commands(lines: list[str], *, every: bool) -> Iterator[str]:
    """every: each line is one, otherwise those that begin with a program."""
    number = 0
    while number < len(lines):
        command = lines[number]
        number += 1
        if not command.strip() or command.startswith("#"):
            continue
        is_command = program(command) in PROGRAMS and not re.match(r"\S+ = ", command)
        if not every and not is_command:
            continue
        while number < len(lines) and not _is_complete(command):
            command += "\n" + lines[number]
            number += 1
        yield command


def _is_complete(command: str) -> bool:
    try:
        shlex.split(command, comments=True)
    except ValueError:
        return False
    return not command.endswith("\\")
