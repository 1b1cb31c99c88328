"""What the troubleshooting page quotes is what Callboard prints, and it leads to every runbook."""

import ast
import re

from tests.habits import tree

PAGE = (tree.ROOT / "docs/operations/troubleshooting.md").read_text()
ALERTS = (tree.ROOT / "deploy/monitoring/alerts.yaml").read_text()
QUOTED = re.compile(r"`([^`]+)`")
# Of a sentence; shorter words are names of settings, fields and commands.
SHORTEST = 15
COMMAND = re.compile(r"callboard-admin [a-z-]+")


def _printed() -> str:
    """All texts in the code of the server, each in one line."""
    texts: list[str] = []
    for path in tree.tracked(".py"):
        if not tree.name(path).startswith("app/"):
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                texts.append(node.value)
            elif isinstance(node, ast.JoinedStr):
                parts = [getattr(part, "value", "") for part in node.values]
                texts.append("".join(part if isinstance(part, str) else "\0" for part in parts))
    return "\n".join(texts)


def test_every_quoted_message_is_printed_by_the_code() -> None:
    printed = _printed()
    quoted = [text for text in QUOTED.findall(PAGE) if " " in text]
    messages = [text for text in quoted if not COMMAND.match(text) and not text.startswith('"')]
    parts = [part.strip() for message in messages for part in message.split("…")]
    assert len(messages) > 12
    assert [part for part in parts if part not in printed] == []
    assert [text for text in messages if max(map(len, text.split("…"))) < SHORTEST] == [
        "… ended (…); restart in … s."
    ]


def test_every_runbook_is_the_remedy_of_a_symptom() -> None:
    runbooks = re.findall(r"runbooks\.md#(\w+)", ALERTS)
    assert len(runbooks) > 5
    assert [name for name in runbooks if f"../runbooks.md#{name})" not in PAGE] == []


def test_every_command_that_it_names_exists() -> None:
    commands = (tree.ROOT / "docs/reference/commands.md").read_text()
    named = {text.removeprefix("callboard-admin ") for text in COMMAND.findall(PAGE)}
    assert len(named) > 2
    assert [name for name in sorted(named) if f"\n## {name}\n" not in commands] == []
