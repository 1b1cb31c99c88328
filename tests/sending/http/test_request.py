"""The recorded request head is byte for byte what the receiver gets."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
import requests

from app.sending.http.client import HttpClient
from app.sending.http.request import Unsendable, write_out
from tests.support.sending import collect, send
from tests.support.servers.raw_receiver import Connection, RawReceiver

Raw = Callable[..., RawReceiver]


@dataclass
class Plain:
    """Has the attributes of a prepared request that the client reads."""

    url: str
    method: str = "POST"
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""


@pytest.fixture
def listening(raw: Raw) -> tuple[RawReceiver, list[bytes]]:
    """A receiver that records the bytes of each request."""
    received: list[bytes] = []

    def handle(connection: Connection) -> None:
        while request := connection.read_request():
            received.append(request)
            body = b"" if request.startswith(b"HEAD") else b"ok"
            connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n" + body)

    return raw(handle), received


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
    Plain("/a", "GET", [], b"a body nevertheless"),
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
def test_the_recorded_request_is_the_request_received(
    case: Plain, http_client: HttpClient, listening: tuple[RawReceiver, list[bytes]]
) -> None:
    receiver, received = listening
    request = Plain(receiver.url + case.url, case.method, case.headers, case.body)

    http_client.start(request, timeout=30, tag=1)
    outcome = collect(http_client)[1]

    assert outcome.cause == "ok"
    assert received == [outcome.request_head + case.body]


def test_a_url_is_sent_byte_for_byte_without_its_fragment() -> None:
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
def test_content_length_is_sent_with_a_body_or_a_method_that_expects_one(
    method: str, body: bytes, length: bytes | None
) -> None:
    head = write_out(Plain(U, method, [], body)).head
    lengths = re.findall(rb"\r\nContent-Length: (\d+)\r\n", head)
    assert lengths == ([] if length is None else [length])


U = "http://example.com/"


def test_connection_headers_of_the_caller_are_replaced() -> None:
    headers = [
        ("Host", "other"),
        ("content-length", "99"),
        ("Transfer-Encoding", "chunked"),
        ("Connection", "close"),
        ("Expect", "100-continue"),
        ("X-Kept", "yes"),
    ]
    head = write_out(Plain(U, "POST", headers, b"abc")).head
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
def test_an_invalid_request_is_unsendable(request_: Plain) -> None:
    with pytest.raises(Unsendable):
        write_out(request_)


def test_an_invalid_url_is_an_outcome_and_not_an_error(http_client: HttpClient) -> None:
    http_client.start(Plain("http://user@example.com/"), timeout=30, tag="t")
    [(tag, outcome)] = http_client.poll(0)
    assert (tag, outcome.cause, outcome.status) == ("t", "url", None)
    assert http_client.in_flight == 0


def test_a_prepared_request_is_sent_as_requests_prepared_it(
    http_client: HttpClient, listening: tuple[RawReceiver, list[bytes]]
) -> None:
    receiver, received = listening
    send(http_client, receiver.url + "/ü b", data={"a": "1 2"}, params={"q": "é"})
    assert received[0].startswith(b"POST /%C3%BC%20b?q=%C3%A9 HTTP/1.1\r\n")
    assert received[0].endswith(b"\r\n\r\na=1+2")


def test_no_compressed_response_is_requested(
    http_client: HttpClient, listening: tuple[RawReceiver, list[bytes]]
) -> None:
    receiver, received = listening
    send(http_client, receiver.url, data=b"x")
    assert b"encoding" not in received[0].lower()


def test_headers_may_be_a_mapping() -> None:
    prepared = requests.Request("POST", U, headers={"X-A": "1"}, data=b"x").prepare()
    assert b"\r\nX-A: 1\r\n" in write_out(prepared).head
