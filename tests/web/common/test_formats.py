import pytest

from app.web.common.rendering import formats
from app.web.common.rendering.pretty import pretty_json
from app.web.deliveries.exchange import SHOWN, body_view, dump, parsed_head, query_of

NOW = 1_771_933_940_810


@pytest.mark.parametrize(
    ("before", "words"),
    [
        (0, "now"),
        (12_000, "12 s ago"),
        (-27_000, "in 27 s"),
        (3_600_000, "1 h ago"),
        (3 * 86_400_000, "3 d ago"),
        (8 * 86_400_000, "16 Feb"),
        (400 * 86_400_000, "20 Jan 2025"),
    ],
)
def test_times_are_relative_to_now(before: int, words: str) -> None:
    assert formats.ago(NOW - before, NOW) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(5, "5 s"), (2.909, "2.9 s"), (343, "5 min 43 s"), (5400, "1 h 30 min"), (86_400, "1 d")],
)
def test_waits_have_at_most_two_units(seconds: float, words: str) -> None:
    assert formats.wait(seconds) == words


@pytest.mark.parametrize(
    ("us", "words"),
    [
        (None, "–"),
        (800, "0.8 ms"),
        (42_000, "42 ms"),
        (1_240_000, "1.24 s"),
        (15_000_000, "15.0 s"),
    ],
)
def test_durations_have_three_digits(us: int | None, words: str) -> None:
    assert formats.duration(us) == words


def test_longer_waits_are_drawn_longer_within_the_scale() -> None:
    steps = [formats.wait_step(seconds) for seconds in (0, 1, 5, 60, 3600, 86_400, 10**9)]
    assert steps == sorted(steps)
    assert (steps[0], steps[-1]) == (0, 10)


def test_pretty_json_keeps_every_character_of_a_number() -> None:
    shown = pretty_json('{"a":1.10,"b":[9007199254740993,true,null],"c":{}}')
    assert shown is not None
    lines = shown.striptags().replace("&quot;", '"')
    assert all(text in lines for text in ("1.10", "9007199254740993", "true", "null", "{}"))


@pytest.mark.parametrize("text", ["", "{", "[1,]", "[" * 100_000, "{'a': 1}"])
def test_invalid_json_is_not_formatted(text: str) -> None:
    assert pretty_json(text) is None


def test_markup_in_json_stays_text() -> None:
    shown = pretty_json('{"<b>": "</pre><script>"}')
    assert shown is not None
    assert "<script>" not in shown
    assert "<b>" not in shown


@pytest.mark.parametrize(
    ("content", "kind", "text"),
    [
        (b"plain", "text/plain", "plain"),
        ("grün".encode(), "", "grün"),
        ("grün".encode("latin-1") + b"    ", "text/plain", "grün    "),
    ],
)
def test_bodies_are_decoded(content: bytes, kind: str, text: str) -> None:
    assert body_view(content, kind).text == text


def test_a_truncated_character_is_dropped() -> None:
    cut = "grün".encode()[:3]
    assert body_view(cut, truncated=True).text == "gr"
    assert body_view(cut).is_binary


def test_a_hex_dump_is_limited() -> None:
    assert dump(b"\x00A" * 2000).splitlines()[0].startswith("00000000  00 41")
    assert "more bytes" in dump(b"\x00" * 4000)


def test_a_head_keeps_order_and_repeats() -> None:
    line, headers = parsed_head(b"HTTP/1.1 200 OK\r\nA: 1\r\nB: x: y\r\nA: 2\r\n\r\n")
    assert line == "HTTP/1.1 200 OK"
    assert headers == [("A", "1"), ("B", "x: y"), ("A", "2")]


@pytest.mark.parametrize(
    ("line", "query"),
    [
        ("GET /hook?a=1&b=x%2Cy HTTP/1.1", [("a", "1"), ("b", "x,y")]),
        ("GET https://e.com/?a= ", [("a", "")]),
        ("POST /hook HTTP/1.1", None),
        ("", None),
    ],
)
def test_query_parameters_are_parsed(line: str, query: list[tuple[str, str]] | None) -> None:
    assert query_of(line) == query


def test_a_long_body_shows_its_beginning() -> None:
    view = body_view(b"x" * SHOWN + b"y")
    assert (view.bytes, view.is_cut, view.truncated) == (SHOWN + 1, True, False)
    assert "y" not in view.text
