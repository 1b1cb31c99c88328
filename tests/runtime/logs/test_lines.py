"""Lines of all origins, in both formats."""

import logging
import sys
import threading
import warnings

import pytest

from app.runtime.logs import setup, wide
from tests.support.logs import logging_to

log = logging.getLogger("somebody.else")


def _raise(error: Exception) -> None:
    raise error


def _in_a_thread() -> None:
    thread = threading.Thread(target=_raise, args=(ValueError("two\nlines"),), name="helper")
    thread.start()
    thread.join()


def _uncaught() -> None:
    try:
        _raise(ValueError("two\nlines"))
    except ValueError as error:
        sys.excepthook(ValueError, error, error.__traceback__)


def _with_traceback() -> None:
    try:
        _raise(ValueError("two\nlines"))
    except ValueError:
        log.exception("it failed")


@pytest.mark.parametrize(
    ("write", "message", "level"),
    [
        (lambda: log.info("it has %d parts", 2), "it has 2 parts", "info"),
        (lambda: log.warning('a\nb "ä"'), 'a\nb "ä"', "warning"),
        (lambda: setup.fail("PORT is in use."), "PORT is in use.", "error"),
        (_with_traceback, "it failed", "error"),
        (_uncaught, "the process ends: uncaught error", "critical"),
        (_in_a_thread, "thread helper ended: uncaught error", "error"),
    ],
    ids=["values", "odd characters", "end", "traceback", "uncaught", "thread"],
)
def test_every_line_is_one_json_object(write: object, message: str, level: str) -> None:
    with logging_to("worker") as lines:
        write()  # type: ignore[operator]
    [line] = lines.lines
    assert (line["message"], line["level"], line["process"]) == (message, level, "worker")
    assert list(line)[:5] == ["time", "level", "process", "pid", "message"]


def test_a_traceback_is_a_field() -> None:
    with logging_to() as lines:
        _with_traceback()
    assert lines.lines[0]["traceback"].endswith("ValueError: two\nlines")


def test_warnings_are_lines() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        with logging_to() as lines:
            warnings.warn("this is old", DeprecationWarning, stacklevel=1)
    assert "this is old" in lines.lines[0]["message"]


def test_the_level_decides_what_is_written() -> None:
    with logging_to(LOG_LEVEL="error") as lines:
        log.warning("nobody reads this")
        assert not wide.requests.admits()
    assert lines.text == ""


def test_readable_lines_cannot_be_forged() -> None:
    with logging_to(LOG_FORMAT="text") as lines:
        log.warning("a name:\n2026-11-21T10:00:00.000Z error forged")
        wide.requests.write({"status": 200, "route": "/a b\n", "client": None})
    first, second = lines.text.splitlines()
    assert first.endswith(r"warning a name:\n2026-11-21T10:00:00.000Z error forged")
    assert second.endswith('info    request status=200 route="/a b\\n"')


def test_a_lone_surrogate_of_a_client_is_replaced() -> None:
    with logging_to() as lines:
        wide.events.write({"type": "a\ud800"})
    assert lines.lines[0]["type"] == "a?"


def test_at_high_rates_lines_are_left_out_and_counted() -> None:
    kind = wide.Kind("request")
    with logging_to() as lines:
        for _ in range(wide.PER_SECOND * 3):
            if kind.admits():
                kind.write({"n": 1})
        assert kind.admits(failed=True)
        kind.write({"n": 2}, failed=True)
    # The test may run over the end of a second.
    assert wide.PER_SECOND <= len(lines.about("request")) <= 2 * wide.PER_SECOND + 1
    assert lines.lines[-1]["level"] == "warning"
