from dataclasses import dataclass
from typing import Any

import pytest

from app.api.schemas import responses as schemas
from app.api.views.attempts import attempt, body, parse_head
from app.domain.bodies.spec import Body


@dataclass
class Recorded:
    started_at: int = 1_700_000_000_123
    cause: str = "status"
    detail: str = ""
    status: int | None = 503
    request_head: bytes = b"POST /a?b=c HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\n"
    response_head: bytes | None = b"HTTP/1.1 503 No\r\nX-A: 1\r\nx-a:2\r\n\r\n"
    response_body: bytes | None = b"down"
    response_truncated: bool = False
    remote_address: str | None = "127.0.0.1"
    dns_us: int | None = None
    connect_us: int | None = 1500
    tls_us: int | None = None
    first_byte_us: int | None = 2000
    total_us: int = 2500


def shown(sent: Body | None = None, **changed: Any) -> schemas.Attempt:
    return attempt(Recorded(**changed), 1, "http://h/a?b=c", sent)


def pairs(headers: Any) -> list[tuple[str, str]]:
    return [(header.name, header.value) for header in headers]


def test_the_request_line_and_the_headers_are_split_in_order() -> None:
    request = shown(Body("application/json", b"{}")).request
    assert request.request_line == "POST /a?b=c HTTP/1.1"
    assert pairs(request.headers) == [("Host", "h"), ("Content-Length", "2")]
    assert request.body.text == "{}"


def test_repeated_headers_are_all_shown() -> None:
    assert pairs(shown().response.headers) == [("X-A", "1"), ("x-a", "2")]


def test_a_body_is_hidden_if_its_length_differs_from_the_request() -> None:
    assert shown(Body("application/json", b"{ }")).request.body is None


def test_a_request_without_a_body_shows_an_empty_one() -> None:
    head = b"GET /?type=a HTTP/1.1\r\nHost: h\r\n\r\n"
    request = shown(Body("application/json", b"{}"), request_head=head).request
    assert request.body.text == ""


def test_a_missing_response_is_null() -> None:
    record = shown(status=None, cause="refused", response_head=None, response_body=None)
    assert record.response is None
    assert record.explanation == "Connection refused."


def test_durations_are_milliseconds() -> None:
    timings = shown().timings
    assert (timings.dns_ms, timings.connect_ms, timings.total_ms) == (None, 1.5, 2.5)


@pytest.mark.parametrize(
    ("content", "text", "encoding"),
    [(b"", "", "utf-8"), ("é".encode(), "é", "utf-8"), (b"\xff\x00", "/wA=", "base64")],
)
def test_bytes_that_are_not_utf8_are_shown_in_base64(
    content: bytes, text: str, encoding: str
) -> None:
    document = body(content)
    assert (document.text, document.encoding, document.bytes) == (text, encoding, len(content))


@pytest.mark.parametrize(
    "head", [b"", b"\r\n", b"nonsense", b"HTTP/1.1 200\nA\n\n", b"HTTP/1.1 200 \xff\r\n: x\r\n"]
)
def test_any_response_head_can_be_shown(head: bytes) -> None:
    parse_head(head)
