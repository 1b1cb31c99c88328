"""The bytes of a request's head are composed here, and these are the bytes that arrive."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
import requests

from app.sending.http.client import HttpClient
from app.sending.http.request import Unsendable, write_out
from tests.support.raw_receiver import Connection, RawReceiver
from tests.support.sending import collect, send

Raw = Callable[..., RawReceiver]


@dataclass
class Plain:
    """Anything that has what a prepared request has will do."""

    url: str
    method: str = "POST"
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""


@pytest.fixture
def listening(raw: Raw) -> tuple[RawReceiver, list[bytes]]:
    """A receiver that keeps the bytes of each request."""
    seen: list[bytes] = []

    def handle(connection: Connection) -> None:
        while request := connection.read_request():
            seen.append(request)
            body = b"" if request.startswith(b"HEAD") else b"ok"
            connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n" + body)

    return raw(handle), seen


STANDARD = [
    ("Content-Type", "application/json"),
    ("User-Agent", "Callboard/0.1.0"),
    ("Accept", "*/*"),
    ("webhook-id", "msg_1"),
    ("X-Twice", "a"),
    ("X-Twice", "b"),
]

CASES = [
    Plain("/a", "POST", STANDARD, b'{"a":1}'),
    Plain("/a", "POST", STANDARD),
    Plain("/a", "PUT", STANDARD, b"x" * 2_000_000),
    Plain("/a?x=%20y&z", "GET", STANDARD),
    Plain("/a", "GET", [], b"a body all the same"),
    Plain("/a", "HEAD", STANDARD),
    Plain("/a", "OPTIONS", []),
    Plain("/a", "DELETE", []),
    Plain("/a", "DELETE", STANDARD, b"gone"),
    Plain("/a", "PATCH", [("X-Empty", ""), ("X-Colon", "b:"), ("X-Blank", "  ")], b"x"),
    Plain("/a", "PURGE", [("X-Letters", "caf\xe9")]),
    Plain("/a", "propfind", [], b"<xml/>"),
    Plain("", "POST", [], b"x"),
    Plain("?only=query", "POST", [], b"x"),
    Plain("/../b/./c//d", "POST", [], b"x"),
    Plain("/a%0d%0ab?{x}|'\"[]#fragment", "POST", [], b"x"),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.method} {case.url[:20]}")
def test_what_is_recorded_as_sent_is_what_arrives(
    case: Plain, http_client: HttpClient, listening: tuple[RawReceiver, list[bytes]]
) -> None:
    receiver, seen = listening
    request = Plain(receiver.url + case.url, case.method, case.headers, case.body)

    http_client.start(request, timeout=5, tag=1)
    outcome = collect(http_client)[1]

    assert outcome.cause == "ok"
    assert seen == [outcome.request_head + case.body]


def test_a_url_goes_out_byte_for_byte_without_its_fragment() -> None:
    head = write_out(Plain("https://example.com/../a%0d?{x}#f")).head
    assert head.startswith(b"POST /../a%0d?{x} HTTP/1.1\r\nHost: example.com\r\n")


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("http://example.com:80/", b"example.com"),
        ("https://example.com:443/", b"example.com"),
        ("https://example.com:80/", b"example.com:80"),
        ("http://EXAMPLE.com:8080", b"example.com:8080"),
        ("http://[2606:4700::1111]:81/", b"[2606:4700::1111]:81"),
        ("http://bücher.example/", b"xn--bcher-kva.example"),
    ],
)
def test_the_host_header_follows_from_the_url(url: str, host: bytes) -> None:
    assert b"\r\nHost: " + host + b"\r\n" in write_out(Plain(url)).head


@pytest.mark.parametrize(
    ("method", "body", "length"),
    [
        ("POST", b"", b"0"),
        ("PUT", b"", b"0"),
        ("DELETE", b"", b"0"),
        ("GET", b"", None),
        ("HEAD", b"", None),
        ("OPTIONS", b"", None),
        ("HEAD", b"no body goes with it", None),
        ("POST", b"abc", b"3"),
    ],
)
def test_the_length_of_the_body_is_told_where_one_is_expected(
    method: str, body: bytes, length: bytes | None
) -> None:
    found = re.findall(
        rb"\r\nContent-Length: (\d+)\r\n", write_out(Plain(U, method, [], body)).head
    )
    assert found == ([] if length is None else [length])


U = "http://example.com/"


def test_headers_of_the_connection_are_set_here_whatever_was_given() -> None:
    given = [
        ("Host", "other"),
        ("content-length", "99"),
        ("Transfer-Encoding", "chunked"),
        ("Connection", "close"),
        ("Expect", "100-continue"),
        ("X-Kept", "yes"),
    ]
    head = write_out(Plain(U, "POST", given, b"abc")).head
    assert head == (
        b"POST / HTTP/1.1\r\nHost: example.com\r\nX-Kept: yes\r\nContent-Length: 3\r\n\r\n"
    )


@pytest.mark.parametrize(
    "request_",
    [
        Plain("ftp://example.com/"),
        Plain("example.com"),
        Plain(""),
        Plain("http://user@example.com/"),
        Plain("http://0x7f.1/"),
        Plain("http://exa%6dple.com/"),
        Plain("http://example.com:99999/"),
        Plain("http://example.com/a b"),
        Plain("http://example.com/\r\nX: y"),
        Plain("http://example.com/ü"),
        Plain(U, "GE T"),
        Plain(U, "GET\r\nX:"),
        Plain(U, "POST", [("X", "a\r\nY: b")]),
        Plain(U, "POST", [("X\r\nY", "a")]),
        Plain(U, "POST", [("X", "a\0b")]),
        Plain(U, "POST", [("X", "a\nb")]),
        Plain(U, "POST", [("X", "\u20ac")]),
    ],
    ids=repr,
)
def test_a_request_that_cannot_be_sent_as_written_is_refused(request_: Plain) -> None:
    with pytest.raises(Unsendable):
        write_out(request_)


def test_a_bad_url_ends_as_an_outcome_and_not_as_an_error(http_client: HttpClient) -> None:
    http_client.start(Plain("http://user@example.com/"), timeout=5, tag="t")
    [(tag, outcome)] = http_client.poll(0)
    assert (tag, outcome.cause, outcome.status) == ("t", "url", None)
    assert http_client.in_flight == 0


def test_a_prepared_request_goes_out_as_requests_prepared_it(
    http_client: HttpClient, listening: tuple[RawReceiver, list[bytes]]
) -> None:
    receiver, seen = listening
    send(http_client, receiver.url + "/ü b", data={"a": "1 2"}, params={"q": "é"})
    assert seen[0].startswith(b"POST /%C3%BC%20b?q=%C3%A9 HTTP/1.1\r\n")
    assert seen[0].endswith(b"\r\n\r\na=1+2")


def test_no_compressed_answer_is_asked_for(
    http_client: HttpClient, listening: tuple[RawReceiver, list[bytes]]
) -> None:
    receiver, seen = listening
    send(http_client, receiver.url, data=b"x")
    assert b"encoding" not in seen[0].lower()


def test_requests_own_mapping_of_headers_will_do() -> None:
    prepared = requests.Request("POST", U, headers={"X-A": "1"}, data=b"x").prepare()
    assert b"\r\nX-A: 1\r\n" in write_out(prepared).head
