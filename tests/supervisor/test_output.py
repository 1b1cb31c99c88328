"""Lines, each with the name of its process."""

import os

import pytest

from app.supervisor.output import MAX_LINE, Lines, say


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
