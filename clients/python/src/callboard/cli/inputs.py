"""JSON from the command line, from files and from standard input."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

import click

from callboard.errors import CallboardError


def confirm(question: str) -> None:
    """Ask. CallboardError: the answer was no. UsageError: nobody can answer."""
    try:
        agreed = click.confirm(question, err=True)
    except click.Abort:
        if sys.stdin.isatty():
            raise
        click.echo(err=True)
        raise click.UsageError(
            "Nobody confirmed it: standard input has ended. Add --yes."
        ) from None
    if not agreed:
        raise CallboardError("Not confirmed; nothing was changed.")


def parse_json(content: str | bytes) -> Any:
    """ValueError: it is not JSON, or nested too deeply."""
    try:
        return json.loads(content, parse_constant=_refuse)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def _refuse(constant: str) -> NoReturn:
    # Python reads NaN and Infinity, which JSON does not have.
    raise ValueError(f"{constant} is no JSON")


def json_object(text: str, option: str) -> dict[str, Any]:
    """From JSON itself, from the file behind `@`, or from standard input for `-`."""
    where = option
    if text == "-":
        text, where = sys.stdin.read(), "standard input"
    elif text.startswith("@"):
        where = text[1:]
        try:
            text = Path(where).read_text()
        except (OSError, UnicodeDecodeError) as error:
            raise click.UsageError(f"{where} cannot be read: {reason(error)}") from None
    try:
        document = parse_json(text)
    except ValueError as error:
        raise click.UsageError(f"{where} is not JSON: {error}") from None
    if not isinstance(document, dict):
        raise click.UsageError(f"{where} is not a JSON object.")
    return document


@contextmanager
def opened(path: str) -> Iterator[BinaryIO]:
    """The file, or standard input for `-`."""
    if path == "-":
        yield sys.stdin.buffer
        return
    try:
        file = Path(path).open("rb")  # noqa: SIM115  (an error while reading is not one of opening)
    except OSError as error:
        raise click.UsageError(f"{path} cannot be read: {reason(error)}") from None
    with file:
        yield file


def pairs(values: tuple[str, ...], separator: str, option: str) -> dict[str, str]:
    """NAME<separator>VALUE, several times."""
    result = {}
    for value in values:
        name, has_separator, rest = value.partition(separator)
        if not has_separator or not name.strip():
            raise click.UsageError(f"{option} {value!r}: write NAME{separator}VALUE.")
        result[name.strip()] = rest.strip()
    return result


def comma_list(text: str | None) -> list[str] | None:
    return None if text is None else [word.strip() for word in text.split(",") if word.strip()]


def reason(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)
