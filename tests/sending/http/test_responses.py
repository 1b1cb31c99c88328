"""What receivers answer, however large, late or wrong, and what is made of it."""

import gzip
from collections.abc import Callable

import pytest

from app.sending.http.client import HttpClient
from tests.support.raw_receiver import Connection, Handler, RawReceiver
from tests.support.receiver import Receiver
from tests.support.sending import send

Raw = Callable[..., RawReceiver]
KIB = 1024


def answering(*parts: bytes) -> Handler:
    """Answers each request with these bytes, and keeps the connection."""

    def handle(connection: Connection) -> None:
        while connection.read_request():
            for part in parts:
                connection.send(part)

    return handle


def closing(*parts: bytes) -> Handler:
    """Answers one request with these bytes, and closes."""

    def handle(connection: Connection) -> None:
        connection.read_request()
        for part in parts:
            connection.send(part)

    return handle


OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def test_an_answer_is_kept_as_it_came(http_client: HttpClient, raw: Raw) -> None:
    head = b"HTTP/1.1 201 Very  Created\r\nx-ODD:  two  \r\nContent-Length: 5\r\n\r\n"
    outcome = send(http_client, raw(answering(head + b"hello")).url, data=b"x")
    assert outcome.status == 201
    assert outcome.cause == "ok"
    assert outcome.response_head == head
    assert outcome.response_body == b"hello"
    assert not outcome.response_truncated
    assert outcome.remote_address == "127.0.0.1"


@pytest.mark.parametrize("status", [200, 204, 301, 304, 404, 410, 429, 500, 599, 999])
def test_any_final_status_is_an_answer(status: int, http_client: HttpClient, raw: Raw) -> None:
    length = b"" if status in {204, 304} else b"Content-Length: 0\r\n"
    head = b"HTTP/1.1 %d X\r\n%s\r\n" % (status, length)
    outcome = send(http_client, raw(answering(head)).url)
    assert (outcome.status, outcome.cause) == (status, "ok")


def test_a_redirect_is_told_and_not_followed(
    http_client: HttpClient, raw: Raw, receiver: Receiver
) -> None:
    head = b"HTTP/1.1 302 Found\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n"
    outcome = send(http_client, raw(answering(head % receiver.url.encode())).url)
    assert outcome.status == 302
    assert b"Location: " in (outcome.response_head or b"")
    assert receiver.requests == []


@pytest.mark.parametrize(
    "early",
    [
        [b"HTTP/1.1 100 Continue\r\n\r\n"],
        [b"HTTP/1.1 102 Processing\r\n\r\n", b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"],
        [b"HTTP/1.1 103 Hints\r\nX-Long: " + b"a" * 20_000 + b"\r\n\r\n"] * 5,
    ],
    ids=["100", "102 and 103", "more than 32 KiB in all"],
)
def test_early_answers_are_passed_over(
    early: list[bytes], http_client: HttpClient, raw: Raw
) -> None:
    receiver = raw(answering(*early, OK))
    first, second = send(http_client, receiver.url), send(http_client, receiver.url)
    assert first.response_head == second.response_head == OK[:-2]
    assert first.response_body == second.response_body == b"ok"
    assert receiver.connections == 1


def test_an_early_answer_alone_is_none(http_client: HttpClient, raw: Raw) -> None:
    outcome = send(http_client, raw(closing(b"HTTP/1.1 103 Early Hints\r\n\r\n")).url)
    assert outcome.status is None
    assert outcome.cause != "ok"


def test_an_offer_to_switch_protocols_is_no_answer(http_client: HttpClient, raw: Raw) -> None:
    head = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n"
    outcome = send(http_client, raw(closing(head)).url)
    assert (outcome.status, outcome.cause) == (None, "empty_reply")


def test_a_compressed_answer_is_not_unpacked(http_client: HttpClient, raw: Raw) -> None:
    packed = gzip.compress(b"a" * 100_000)
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(packed)
    assert send(http_client, raw(answering(head + packed)).url).response_body == packed


def test_chunks_are_put_together_and_trailers_left_out(http_client: HttpClient, raw: Raw) -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    body = b"2\r\nab\r\n3;x=y\r\ncde\r\n0\r\nX-Trailer: 1\r\n\r\n"
    outcome = send(http_client, raw(answering(head + body)).url)
    assert outcome.response_body == b"abcde"
    assert outcome.response_head == head


def test_an_old_answer_that_ends_with_its_connection_is_whole(
    http_client: HttpClient, raw: Raw
) -> None:
    outcome = send(http_client, raw(closing(b"HTTP/1.0 200 OK\r\n\r\nhello")).url)
    assert (outcome.cause, outcome.response_body) == ("ok", b"hello")


@pytest.mark.parametrize(
    ("size", "truncated", "connections"),
    [
        (64 * KIB, False, 1),
        (64 * KIB + 1, True, 1),
        (256 * KIB, True, 1),
        (256 * KIB + 1, True, 2),
        (20_000 * KIB, True, 2),
    ],
)
def test_a_long_body_is_judged_by_its_status_and_not_kept(
    size: int, truncated: bool, connections: int, http_client: HttpClient, raw: Raw
) -> None:
    head = b"HTTP/1.1 500 Oops\r\nContent-Length: %d\r\n\r\n" % size
    receiver = raw(answering(head + b"a" * size))
    outcome = send(http_client, receiver.url)
    send(http_client, receiver.url)
    assert (outcome.status, outcome.cause) == (500, "ok")
    assert outcome.response_body == b"a" * 64 * KIB
    assert outcome.response_truncated is truncated
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
def test_headers_beyond_32_kib_are_refused(head: bytes, http_client: HttpClient, raw: Raw) -> None:
    outcome = send(http_client, raw(closing(head)).url)
    assert outcome.cause == "headers_too_large"


def test_headers_of_just_under_32_kib_are_taken(http_client: HttpClient, raw: Raw) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX-Long: " + b"a" * 32_000 + b"\r\n\r\n"
    assert send(http_client, raw(answering(head)).url).cause == "ok"


@pytest.mark.parametrize(
    ("answer", "cause", "status"),
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
def test_what_is_no_whole_answer_has_its_cause(
    answer: bytes, cause: str, status: int | None, http_client: HttpClient, raw: Raw
) -> None:
    outcome = send(http_client, raw(closing(answer)).url)
    assert (outcome.cause, outcome.status) == (cause, status)


def test_a_reset_is_told_as_one(http_client: HttpClient, raw: Raw) -> None:
    def handle(connection: Connection) -> None:
        connection.read_request()
        connection.reset()

    assert send(http_client, raw(handle).url).cause == "reset"


def test_nobody_listening_is_told_as_a_refused_connection(
    http_client: HttpClient, raw: Raw
) -> None:
    receiver = raw(answering(OK))
    receiver.close()
    outcome = send(http_client, receiver.url)
    assert (outcome.cause, outcome.remote_address) == ("refused", None)


@pytest.mark.parametrize(
    ("headers", "found"),
    [
        (b"Retry-After: 120\r\n", "120"),
        (b"retry-after:Fri, 31 Dec 2027 23:59:59 GMT\r\n", "Fri, 31 Dec 2027 23:59:59 GMT"),
        (b"", None),
    ],
)
def test_retry_after_is_handed_on(
    headers: bytes, found: str | None, http_client: HttpClient, raw: Raw
) -> None:
    head = b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n" + headers + b"\r\n"
    assert send(http_client, raw(answering(head)).url).retry_after == found
