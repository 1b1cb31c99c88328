"""The lines of an import."""

import pytest

from app.domain.common.errors import Invalid, Malformed, TooLarge
from app.domain.jobs import import_lines
from app.domain.jobs.import_lines import EventTypeLine, WebhookLine, parse, split

LINE = b'{"webhook": {"url": "https://example.com/a"}}'


def test_blank_lines_and_a_byte_order_mark_do_not_count() -> None:
    assert split(b"\xef\xbb\xbf" + LINE + b"\r\n\n" + LINE + b"\n") == [LINE, LINE]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b" \n", "The file is empty."),
        (b"\xff\xfe{}", "The file is not UTF-8 text."),
        (b"id,type\n1,a", "Line 1: "),
        (b"[]", "Line 1: It is a list."),
        (b'{"webhook": {}, "event_type": {}}', "Line 1: It has no field webhook or event_type"),
        (b'{"webhook": 3}', "Line 1: webhook is a number."),
    ],
    ids=["empty", "encoding", "csv", "list", "both", "number"],
)
def test_a_file_that_is_none_is_refused_at_once(content: bytes, problem: str) -> None:
    with pytest.raises(Invalid) as refused:
        split(content)
    [error] = refused.value.errors
    assert error.problem.startswith(problem)
    assert error.remedy


@pytest.mark.parametrize("bound", ["MAX_BYTES", "MAX_LINES"])
def test_a_file_is_bounded(monkeypatch: pytest.MonkeyPatch, bound: str) -> None:
    monkeypatch.setattr(import_lines, bound, 1)
    with pytest.raises(TooLarge):
        split(LINE + b"\n" + LINE)


def test_a_line_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_lines, "MAX_LINE_BYTES", 10)
    with pytest.raises(Invalid):
        split(LINE)


def test_what_the_api_shows_besides_settings_is_left_out() -> None:
    line = parse(
        b'{"webhook": {"id": "x", "uid": "own", "url": "https://example.com/a", "state": "active",'
        b' "has_api_key": true, "has_secret_token": false, "created_at": "2026-01-01"}}'
    )
    expected = WebhookLine("example.com", {"url": "https://example.com/a"}, "own", ("api_key",))
    assert line == expected


def test_a_secret_that_is_given_is_not_missing() -> None:
    line = parse(b'{"webhook": {"url": "u", "api_key": "k", "has_api_key": true}}')
    assert isinstance(line, WebhookLine)
    assert line.missing == ()


def test_a_sample_keeps_its_bytes() -> None:
    line = parse(b'{"event_type": {"name": "a.b", "sample": {"n": 1.10}, "webhooks": []}}')
    assert isinstance(line, EventTypeLine)
    assert (line.name, line.fields.sample) == ("a.b", b'{"n": 1.10}')


@pytest.mark.parametrize(
    "line",
    [
        b'{"webhook": {"uid": "a b"}}',
        b'{"event_type": {"name": "a", "color": 1}}',
        b"{",
        b'{"webhook": {"url": 1e999}}',
    ],
)
def test_a_wrong_line_says_why(line: bytes) -> None:
    with pytest.raises((Invalid, Malformed)):
        parse(line)


def test_a_position_is_a_number() -> None:
    assert [import_lines.number_of(import_lines.position_of(n)) for n in (0, 7, 9_999)] == [
        0,
        7,
        9_999,
    ]
    assert import_lines.number_of(None) == 0


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        (b'"url": "https://ada:pass@example.com:8443/a/b?token=x#y"', "example.com"),
        (b'"url": "https://example.com", "name": "Media"', "Media"),
        (b'"url": "https://example.com", "name": {"a": 1}', "example.com"),
        (b'"url": "https://example.com", "name": ""', "example.com"),
        (b'"url": "ada:pass@example.com"', ""),
        (b'"url": "https://ada:pass@[example.com"', ""),
        (b'"url": 3', ""),
    ],
)
def test_a_webhook_is_named_without_the_secrets_of_its_url(fields: bytes, name: str) -> None:
    line = parse(b'{"webhook": {' + fields + b"}}")
    assert isinstance(line, WebhookLine)
    assert line.name == name
