"""Responses that are large, split, is_truncated or invalid, and their outcomes."""

import gzip
from collections.abc import Callable

import pytest

from app.sending.http.client import HttpClient
from tests.support.sending import send
from tests.support.servers.raw_receiver import Connection, Handler, RawReceiver
from tests.support.servers.receiver import Receiver

Raw = Callable[..., RawReceiver]
KIB = 1024


def responding(*parts: bytes) -> Handler:
    """Respond to each request with these bytes and keep the connection open."""

    def handle(connection: Connection) -> None:
        while connection.read_request():
            for part in parts:
                connection.send(part)

    return handle


def closing(*parts: bytes) -> Handler:
    """Respond to one request with these bytes and close the connection."""

    def handle(connection: Connection) -> None:
        connection.read_request()
        for part in parts:
            connection.send(part)

    return handle


OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def test_a_response_is_recorded_byte_for_byte(http_client: HttpClient, raw: Raw) -> None:
    head = b"HTTP/1.1 201 Very  Created\r\nx-ODD:  two  \r\nContent-Length: 5\r\n\r\n"
    outcome = send(http_client, raw(responding(head + b"hello")).url, data=b"x")
    assert outcome.status == 201
    assert outcome.cause == "ok"
    assert outcome.response_head == head
    assert outcome.response_body == b"hello"
    assert not outcome.response_truncated
    assert outcome.remote_address == "127.0.0.1"


@pytest.mark.parametrize("status", [200, 204, 301, 304, 404, 410, 429, 500, 599, 999])
def test_any_final_status_is_a_response(status: int, http_client: HttpClient, raw: Raw) -> None:
    length = b"" if status in {204, 304} else b"Content-Length: 0\r\n"
    head = b"HTTP/1.1 %d X\r\n%s\r\n" % (status, length)
    outcome = send(http_client, raw(responding(head)).url)
    assert (outcome.status, outcome.cause) == (status, "ok")


def test_a_redirect_is_reported_and_not_followed(
    http_client: HttpClient, raw: Raw, receiver: Receiver
) -> None:
    head = b"HTTP/1.1 302 Found\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n"
    outcome = send(http_client, raw(responding(head % receiver.url.encode())).url)
    assert outcome.status == 302
    assert b"Location: " in (outcome.response_head or b"")
    assert receiver.requests == []


@pytest.mark.parametrize(
    "informational",
    [
        [b"HTTP/1.1 100 Continue\r\n\r\n"],
        [b"HTTP/1.1 102 Processing\r\n\r\n", b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"],
        [b"HTTP/1.1 103 Hints\r\nX-Long: " + b"a" * 20_000 + b"\r\n\r\n"] * 5,
    ],
    ids=["100", "102 and 103", "more than 32 KiB in total"],
)
def test_informational_responses_are_skipped(
    informational: list[bytes], http_client: HttpClient, raw: Raw
) -> None:
    receiver = raw(responding(*informational, OK))
    first, second = send(http_client, receiver.url), send(http_client, receiver.url)
    assert first.response_head == second.response_head == OK[:-2]
    assert first.response_body == second.response_body == b"ok"
    assert receiver.connections == 1


def test_an_informational_response_alone_is_not_a_response(
    http_client: HttpClient, raw: Raw
) -> None:
    outcome = send(http_client, raw(closing(b"HTTP/1.1 103 Early Hints\r\n\r\n")).url)
    assert outcome.status is None
    assert outcome.cause != "ok"


def test_switching_protocols_is_not_a_response(http_client: HttpClient, raw: Raw) -> None:
    head = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n"
    outcome = send(http_client, raw(closing(head)).url)
    assert (outcome.status, outcome.cause) == (None, "empty_reply")


def test_a_compressed_response_is_not_decompressed(http_client: HttpClient, raw: Raw) -> None:
    packed = gzip.compress(b"a" * 100_000)
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(packed)
    assert send(http_client, raw(responding(head + packed)).url).response_body == packed


def test_chunks_are_joined_and_trailers_left_out(http_client: HttpClient, raw: Raw) -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    body = b"2\r\nab\r\n3;x=y\r\ncde\r\n0\r\nX-Trailer: 1\r\n\r\n"
    outcome = send(http_client, raw(responding(head + body)).url)
    assert outcome.response_body == b"abcde"
    assert outcome.response_head == head


def test_an_http_1_0_response_ends_with_its_connection(http_client: HttpClient, raw: Raw) -> None:
    outcome = send(http_client, raw(closing(b"HTTP/1.0 200 OK\r\n\r\nhello")).url)
    assert (outcome.cause, outcome.response_body) == ("ok", b"hello")


@pytest.mark.parametrize(
    ("size", "is_truncated", "connections"),
    [
        (64 * KIB, False, 1),
        (64 * KIB + 1, True, 1),
        (256 * KIB, True, 1),
        (256 * KIB + 1, True, 2),
        (20_000 * KIB, True, 2),
    ],
)
def test_a_long_response_body_is_truncated(
    size: int, is_truncated: bool, connections: int, http_client: HttpClient, raw: Raw
) -> None:
    head = b"HTTP/1.1 500 Oops\r\nContent-Length: %d\r\n\r\n" % size
    receiver = raw(responding(head + b"a" * size))
    outcome = send(http_client, receiver.url)
    send(http_client, receiver.url)
    assert (outcome.status, outcome.cause) == (500, "ok")
    assert outcome.response_body == b"a" * 64 * KIB
    assert outcome.response_truncated is is_truncated
    assert receiver.connections == connections


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.1 200 OK\r\n" + b"X-Many: %s\r\n" % (b"a" * 100) * 400 + b"\r\n",
        b"HTTP/1.1 200 OK\r\nX-Long: " + b"a" * 40 * KIB + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX-Endless: " + b"a" * 2000 * KIB,
        b"HTTP/1.1 200 " + b"a" * 40 * KIB + b"\r\n\r\n",
    ],
    ids=["many", "long", "endless", "status line"],
)
def test_response_headers_above_32_kib_fail(head: bytes, http_client: HttpClient, raw: Raw) -> None:
    outcome = send(http_client, raw(closing(head)).url)
    assert outcome.cause == "headers_too_large"


def test_response_headers_just_below_32_kib_are_accepted(http_client: HttpClient, raw: Raw) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX-Long: " + b"a" * 32_000 + b"\r\n\r\n"
    assert send(http_client, raw(responding(head)).url).cause == "ok"


@pytest.mark.parametrize(
    ("response", "cause", "status"),
    [
        (b"", "empty_reply", None),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "protocol", None),
        (b"hello, no HTTP here", "protocol", None),
        (b"\x15\x03\x03\x00\x02\x02\x46", "protocol", None),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", "reset", 200),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel", "reset", 200),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "protocol", 200),
        (b"HTTP/1.1 200 OK\r\nContent-Le", "reset", 200),
    ],
)
def test_an_incomplete_or_invalid_response_has_its_cause(
    response: bytes, cause: str, status: int | None, http_client: HttpClient, raw: Raw
) -> None:
    outcome = send(http_client, raw(closing(response)).url)
    assert (outcome.cause, outcome.status) == (cause, status)


def test_a_reset_connection_is_reported(http_client: HttpClient, raw: Raw) -> None:
    def handle(connection: Connection) -> None:
        connection.read_request()
        connection.reset()

    assert send(http_client, raw(handle).url).cause == "reset"


def test_a_closed_port_is_a_refused_connection(http_client: HttpClient, raw: Raw) -> None:
    receiver = raw(responding(OK))
    receiver.close()
    outcome = send(http_client, receiver.url)
    assert (outcome.cause, outcome.remote_address) == ("refused", None)


@pytest.mark.parametrize(
    ("headers", "retry_after"),
    [
        (b"Retry-After: 120\r\n", "120"),
        (b"retry-after:Fri, 31 Dec 2027 23:59:59 GMT\r\n", "Fri, 31 Dec 2027 23:59:59 GMT"),
        (b"", None),
    ],
)
def test_retry_after_is_part_of_the_outcome(
    headers: bytes, retry_after: str | None, http_client: HttpClient, raw: Raw
) -> None:
    head = b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n" + headers + b"\r\n"
    assert send(http_client, raw(responding(head)).url).retry_after == retry_after


@pytest.mark.parametrize("name", [b"Transfer-Encoding", b"transfer-ENCODING"])
def test_a_response_with_two_lengths_is_invalid(
    http_client: HttpClient, raw: Raw, name: bytes
) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n" + name + b": chunked\r\n\r\n"
    outcome = send(http_client, raw(closing(head + b"2\r\nok\r\n0\r\n\r\n")).url)
    assert (outcome.status, outcome.cause) == (200, "protocol")
    assert outcome.detail == "both Content-Length and Transfer-Encoding"
