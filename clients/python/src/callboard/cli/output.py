"""Tables for people, JSON for programs, messages on stderr."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])

STATE_COLORS = {
    "succeeded": "green",
    "active": "green",
    "failed": "red",
    "disabled": "red",
    "pending": "cyan",
    "sending": "cyan",
    "retrying": "yellow",
    "paused": "yellow",
}
COLUMN_GAP = "  "


def json_option(command: Command) -> Command:
    text = "Print JSON, one object per line."
    return click.option("--json", "as_json", is_flag=True, help=text)(command)


def print_json(document: Any) -> None:
    click.echo(json.dumps(document, ensure_ascii=False))


def note(text: str) -> None:
    """To the person, not to the program behind a pipe."""
    click.echo(text, err=True)


def print_list(rows: Iterable[Mapping[str, Any]], columns: Sequence[str], *, as_json: bool) -> None:
    if as_json:
        for row in rows:
            print_json(row)
    else:
        print_table(list(rows), columns)


def print_table(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> None:
    """columns: field names. Nothing but a note if there are no rows."""
    if not rows:
        note("None.")
        return
    cells = [[cell(row.get(column)) for column in columns] for row in rows]
    header = [column.replace("_", " ").upper() for column in columns]
    widths = [max(map(len, column)) for column in zip(header, *cells, strict=True)]
    click.secho(_padded(header, widths), bold=True)
    for texts in cells:
        padded = [text.ljust(width) for text, width in zip(texts, widths, strict=True)]
        colored = [_colored(name, text) for name, text in zip(columns, padded, strict=True)]
        click.echo(COLUMN_GAP.join(colored).rstrip())


def print_fields(document: Mapping[str, Any], names: Iterable[str] | None = None) -> None:
    """One field per line, aligned."""
    shown = list(document if names is None else names)
    width = max(map(len, shown), default=0)
    for name in shown:
        label = click.style(name.ljust(width), bold=True)
        click.echo(f"{label}{COLUMN_GAP}{_colored(name, cell(document.get(name)))}")


def cell(value: Any) -> str:
    """One line of printable characters: what others sent must not control the terminal."""
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list) and all(isinstance(each, str | int | float) for each in value):
        value = ", ".join(map(str, value))
    elif isinstance(value, dict | list):
        value = json.dumps(value, ensure_ascii=False)
    return printable(str(value))


def printable(text: str) -> str:
    return "".join(char if char.isprintable() else " " for char in text)


def _padded(texts: Sequence[str], widths: Sequence[int]) -> str:
    pairs = zip(texts, widths, strict=True)
    return COLUMN_GAP.join(text.ljust(width) for text, width in pairs).rstrip()


def _colored(column: str, text: str) -> str:
    color = STATE_COLORS.get(text.strip()) if column == "state" else None
    return click.style(text, fg=color) if color else text
