"""What is passed on to a listener and back, and which URLs are a listener's."""

import pytest

from app.domain.listeners.passing import (
    MAX_HEADER_BYTES,
    MAX_HEADERS,
    content_type_of,
    for_listener,
    for_sender,
)
from app.domain.listeners.urls import HEADER, listener_exemption, listener_url

PUBLIC = "http://127.0.0.1:8000/base"
# Not random: it is part of names of tests.
ID = "01a202d7-6b67-7dfe-9e72-630a42ff1386"


@pytest.mark.parametrize(
    "name",
    ["Host", "content-length", "X-Forwarded-For", "proxy-authorization", HEADER, HEADER.lower()],
)
def test_headers_between_worker_and_callboard_are_not_passed_on(name: str) -> None:
    assert list(for_listener([(name, "x"), ("webhook-id", "m")])) == [("webhook-id", "m")]


@pytest.mark.parametrize(
    "header",
    [
        ("Transfer-Encoding", "chunked"),
        ("content-encoding", "gzip"),
        ("Content-Length", "9"),
        ("Server", "x"),
        ("X-A", "a\r\nX-B: b"),
        ("X A", "x"),
        ("", "x"),
        ("X-Ä", "x"),
        ("X-A", "\u20ac"),
    ],
)
def test_headers_of_a_local_response_that_would_break_the_response_are_left_out(
    header: tuple[str, str],
) -> None:
    assert for_sender([header, ("Retry-After", "9")]) == [("Retry-After", "9")]


def test_headers_of_a_local_response_are_bounded() -> None:
    assert len(for_sender([(f"X-{n}", "x") for n in range(500)])) == MAX_HEADERS
    large = for_sender([(f"X-{n}", "x" * 4000) for n in range(50)])
    assert sum(len(name + value) for name, value in large) < MAX_HEADER_BYTES


@pytest.mark.parametrize(
    ("headers", "content_type"),
    [
        ([("CONTENT-type", "text/html")], "text/html"),
        ([("Content-Type", "a\nb")], "application/octet-stream"),
        ([], "application/octet-stream"),
    ],
)
def test_the_content_type_is_the_local_one(
    headers: list[tuple[str, str]], content_type: str
) -> None:
    assert content_type_of(headers) == content_type


def test_a_listeners_url_may_be_called() -> None:
    assert listener_exemption(PUBLIC)(listener_url(PUBLIC, ID))
    assert listener_exemption(PUBLIC)(listener_url(PUBLIC, ID) + "?a=b")


@pytest.mark.parametrize(
    "url",
    [
        f"http://127.0.0.1:8000/listen/{ID}",
        f"http://127.0.0.1:8000/base/listen/{ID}/",
        f"http://127.0.0.1:8000/base/listen/{ID}/../../api",
        "http://127.0.0.1:8000/base/listen/x",
        f"http://127.0.0.1:8001/base/listen/{ID}",
        f"https://127.0.0.1:8000/base/listen/{ID}",
        f"http://127.0.0.2:8000/base/listen/{ID}",
    ],
)
def test_no_other_url_may_be(url: str) -> None:
    assert not listener_exemption(PUBLIC)(url)
