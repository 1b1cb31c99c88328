"""Lines, each with the name of its process."""

import json
import os
from collections.abc import Iterator

import pytest

from app.supervisor.output import MAX_LINE, Lines, message_of, say, use_json


def _lines(*chunks: bytes) -> list[str]:
    read, write = os.pipe()
    received: list[str] = []
    lines = Lines(read, received.append)
    for chunk in chunks:
        os.write(write, chunk)
        assert lines.read()
    os.close(write)
    assert not lines.read()
    os.close(read)
    return received


@pytest.mark.parametrize(
    ("chunks", "lines"),
    [
        ([b"one\ntwo\n"], ["one", "two"]),
        ([b"o", b"n", b"e\n"], ["one"]),
        ([b"no end of line"], ["no end of line"]),
        ([b"\n\n  \n"], []),
        ([b"\xff\n"], ["\ufffd"]),
        ([b"x" * (MAX_LINE + 1), b"\n"], ["x" * (MAX_LINE + 1)]),
    ],
)
def test_output_is_split_into_lines(chunks: list[bytes], lines: list[str]) -> None:
    assert _lines(*chunks) == lines


def test_each_line_starts_with_the_name(capsys: pytest.CaptureFixture[str]) -> None:
    say("one\ntwo", "web")
    assert capsys.readouterr().out == "web        | one\nweb        | two\n"


@pytest.fixture
def as_json() -> Iterator[None]:
    use_json(is_json=True)
    yield
    use_json(is_json=False)


@pytest.mark.usefixtures("as_json")
def test_each_line_is_an_object_in_the_format_json(capsys: pytest.CaptureFixture[str]) -> None:
    ours = '{"time":"2026-11-21T10:00:00.000Z","level":"info","process":"web","message":"request"}'
    say("web ended (exit code 1); restart in 0.2 s.")
    say(f'{ours}\nFatal Python error: "out" of memory\n\n{{"time":"cut', "web")
    lines = capsys.readouterr().out.splitlines()
    assert lines[1] == ours
    objects = [json.loads(line) for line in lines]
    assert [(line["process"], line["message"]) for line in objects] == [
        ("callboard", "web ended (exit code 1); restart in 0.2 s."),
        ("web", "request"),
        ("web", 'Fatal Python error: "out" of memory'),
        ("web", '{"time":"cut'),
    ]


def test_the_message_of_a_line_is_known_in_both_formats() -> None:
    assert message_of('{"time":"now","message":"no"}') == "no"
    assert message_of("no") == "no"
