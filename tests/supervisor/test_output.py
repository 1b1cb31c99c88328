"""Lines, each with the name of who said it."""

import os

import pytest

from app.supervisor.output import LONGEST_LINE, Lines, say


def _told(*chunks: bytes) -> list[str]:
    read, write = os.pipe()
    heard: list[str] = []
    lines = Lines(read, heard.append)
    for chunk in chunks:
        os.write(write, chunk)
        assert lines.read()
    os.close(write)
    assert not lines.read()
    os.close(read)
    return heard


@pytest.mark.parametrize(
    ("chunks", "lines"),
    [
        ([b"one\ntwo\n"], ["one", "two"]),
        ([b"o", b"n", b"e\n"], ["one"]),
        ([b"the last has no end"], ["the last has no end"]),
        ([b"\n\n  \n"], []),
        ([b"\xff\n"], ["\ufffd"]),
        ([b"x" * (LONGEST_LINE + 1), b"\n"], ["x" * (LONGEST_LINE + 1)]),
    ],
)
def test_lines_are_put_together(chunks: list[bytes], lines: list[str]) -> None:
    assert _told(*chunks) == lines


def test_each_line_carries_the_name(capsys: pytest.CaptureFixture[str]) -> None:
    say("one\ntwo", "web")
    assert capsys.readouterr().out == "web        | one\nweb        | two\n"
