"""Read docs/tutorial.md, and do what it says in terminals of its own."""

import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.support import children
from tests.support.product import ROOT
from tests.support.waiting import eventually

DOCUMENT = ROOT / "docs" / "tutorial.md"
_BLOCK = re.compile(r'^```(\w+)(?: title="([^"]+)")?\n(.*?)^```$', re.MULTILINE | re.DOTALL)
_END = "the-command-has-ended"


@dataclass(frozen=True)
class Block:
    """kind: `python` for a file, `console` for commands and their output, `text` for output of a
    terminal that goes on. title: of the file or terminal."""

    kind: str
    title: str
    text: str

    def commands(self) -> Iterator[tuple[str, str]]:
        """Each with the output that it is to have."""
        for part in re.split(r"^\$ ", self.text, flags=re.MULTILINE)[1:]:
            command, _, output = part.partition("\n")
            yield command, output


def blocks() -> list[Block]:
    return [Block(*match.groups(default="")) for match in _BLOCK.finditer(DOCUMENT.read_text())]


def matches(expected: str, output: str) -> bool:
    """expected: `...` stands for anything within a line, alone in a line for any lines."""
    lines = [
        r"(?:.*\n)*?" if line == "..." else re.escape(line).replace(r"\.\.\.", ".*") + r"[ \t]*\n"
        for line in expected.splitlines()
    ]
    return re.search("^" + "".join(lines), output, re.MULTILINE) is not None


class Background:
    """A terminal whose last command goes on until the next block for the same terminal."""

    def __init__(self, script: str, log: Path, directory: Path, environ: Mapping[str, str]) -> None:
        self._log, self._from = log, log.stat().st_size if log.exists() else 0
        with log.open("ab") as output:
            self._process = children.start(
                ("bash", "-ec", script),
                cwd=directory,
                env=dict(environ),
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def output(self) -> str:
        return self._log.read_bytes()[self._from :].decode(errors="replace")

    def wait_for(self, expected: str) -> None:
        eventually(lambda: matches(expected, self.output()), 30)

    def stop(self) -> int:
        return children.stop(self._process)


class Shell:
    """The terminal in which one command follows the other."""

    def __init__(self, directory: Path, environ: Mapping[str, str]) -> None:
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(
            ("bash",), cwd=directory, env=dict(environ), text=True,
            stdin=pipe, stdout=pipe, stderr=subprocess.STDOUT,
        )  # fmt: skip

    def run(self, command: str) -> tuple[str, int]:
        """Output and exit code."""
        process = self._process
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(f"{command}\necho {_END} $?\n")
        process.stdin.flush()
        lines: list[str] = []
        for line in process.stdout:
            if line.startswith(_END):
                return "".join(lines), int(line.split()[1])
            lines.append(line)
        raise AssertionError(f"the shell has ended at {command}: {''.join(lines)}")

    def stop(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(20)
        assert self._process.stdout is not None
        self._process.stdout.close()


class Tutorial:
    """replacements: of the page's texts, such as its ports."""

    def __init__(self, directory: Path, replacements: Mapping[str, str]) -> None:
        self._directory, self._replacements = directory, dict(replacements)
        self._environ = {
            name: value for name, value in os.environ.items() if not name.startswith("CALLBOARD_")
        } | {"CALLBOARD_CONFIG_DIR": str(directory / "config"), "PYTHONUNBUFFERED": "1"}
        self._environ.pop("PYTHONPATH", None)
        self._shell = Shell(directory, self._environ)
        self._terminals: dict[str, Background] = {}

    def do(self, block: Block) -> None:
        text = block.text
        for old, new in self._replacements.items():
            text = text.replace(old, new)
        block = Block(block.kind, block.title, text)
        if block.kind == "python":
            (self._directory / block.title).write_text(text)
        elif block.kind == "text":
            self._terminals[block.title].wait_for(text)
        elif block.title:
            self._start(block)
        else:
            for command, expected in block.commands():
                output, code = self._shell.run(command)
                assert code == 0, f"{command}: {output}"
                assert matches(expected, output), f"{command}: {output}"

    def _start(self, block: Block) -> None:
        if block.title in self._terminals:
            self._terminals.pop(block.title).stop()
        commands, expected = zip(*block.commands(), strict=True)
        activate = ". .venv/bin/activate"
        script = "\n".join((activate, *commands[:-1], f"exec {commands[-1]}"))
        log = self._directory / f"{block.title.split(':')[0]}.log"
        terminal = Background(script, log, self._directory, self._environ)
        self._terminals[block.title] = terminal
        terminal.wait_for(expected[-1])
        secret = re.search(r"Signing secret: (whsec_\S+)", terminal.output())
        if secret:
            self._replacements["whsec_..."] = secret[1]

    def close(self) -> dict[str, int]:
        """Exit codes by terminal."""
        self._shell.stop()
        return {title: terminal.stop() for title, terminal in self._terminals.items()}
