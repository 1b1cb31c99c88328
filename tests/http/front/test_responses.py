"""Responses of any length, to clients that take them or do not."""

import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask, Response

from tests.http.front.serving import PATIENT, Serving, serving
from tests.support.raw_client import RawClient, request_bytes
from tests.support.waiting import eventually

# More than the buffers of two sockets hold.
ENDLESS = b"x" * (1 << 20)


class Pages:
    """Views whose progress a test sees and decides."""

    def __init__(self) -> None:
        self.closed = threading.Event()
        self.may_go = threading.Event()
        self.begun = threading.Event()

    def parts(self) -> Response:
        def generate() -> Iterator[bytes]:
            yield b"first"
            self.may_go.wait()
            yield b"second"

        return Response(generate())

    def endless(self) -> Response:
        def generate() -> Iterator[bytes]:
            try:
                while True:
                    yield ENDLESS
            finally:
                self.closed.set()

        return Response(generate())

    def fails(self) -> Response:
        def generate() -> Iterator[bytes]:
            yield b"first"
            raise ValueError("on purpose")

        return Response(generate())

    def waits(self) -> str:
        self.begun.set()
        self.may_go.wait()
        return "done"

    def large(self) -> Response:
        return Response(ENDLESS * 3)


@pytest.fixture
def pages(sqlite_app: Flask) -> Iterator[Pages]:
    pages = Pages()
    for name in ("parts", "endless", "fails", "waits", "large"):
        sqlite_app.add_url_rule(f"/try/{name}", view_func=getattr(pages, name))
    yield pages
    pages.may_go.set()


@pytest.fixture
def front(sqlite_app: Flask, pages: Pages) -> Iterator[Serving]:
    with serving(sqlite_app) as front:
        yield front


@pytest.fixture
def strict_front(sqlite_app: Flask, pages: Pages) -> Iterator[Serving]:
    """With little time to take a response."""
    with serving(sqlite_app, replace(PATIENT, write=0.3, body_rate=1 << 30)) as front:
        yield front


def get(front: Serving, path: str) -> RawClient:
    client = RawClient(front.url)
    client.send(request_bytes("GET", path))
    return client


def test_a_response_without_a_length_is_sent_part_by_part(front: Serving, pages: Pages) -> None:
    with get(front, "/try/parts") as client:
        seen = b""
        while b"first" not in seen:
            seen += client.socket.recv(4096)
        assert b"Transfer-Encoding: chunked" in seen
        pages.may_go.set()
        while not seen.endswith(b"0\r\n\r\n"):
            seen += client.socket.recv(4096)
        assert seen.endswith(b"\r\n5\r\nfirst\r\n6\r\nsecond\r\n0\r\n\r\n")
        client.send(request_bytes("GET", "/healthz"))
        assert client.response().status == 200


def test_a_client_of_http_1_0_gets_it_until_the_connection_ends(
    front: Serving, pages: Pages
) -> None:
    pages.may_go.set()
    with RawClient(front.url) as client:
        client.send(b"GET /try/parts HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
        response = client.response()
        assert (response.headers["connection"], response.body) == ("close", b"firstsecond")


def test_a_long_response_arrives_whole(front: Serving) -> None:
    with get(front, "/try/large") as client:
        assert client.response().body == ENDLESS * 3
        client.send(request_bytes("HEAD", "/try/large"))
        assert client.response("HEAD").headers["content-length"] == str(3 << 20)


def test_a_client_that_takes_nothing_is_disconnected(strict_front: Serving, pages: Pages) -> None:
    with get(strict_front, "/try/endless"):
        assert pages.closed.wait(45)
        eventually(lambda: strict_front.server.count == 0)


def test_a_client_that_leaves_ends_its_response(front: Serving, pages: Pages) -> None:
    get(front, "/try/endless").close()
    assert pages.closed.wait(45)
    eventually(lambda: front.server.count == 0)


def test_a_client_that_does_not_take_a_whole_response_is_disconnected(
    strict_front: Serving,
) -> None:
    with RawClient(strict_front.url) as client:
        client.send(request_bytes("GET", "/try/large") * 8)
        # It has begun to respond.
        assert client.socket.recv(1, socket.MSG_PEEK)
        eventually(lambda: strict_front.server.count == 0)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_response_that_fails_on_its_way_does_not_look_complete(front: Serving) -> None:
    with get(front, "/try/fails") as client, pytest.raises((EOFError, ConnectionError)):
        client.response()


def test_a_header_that_would_break_a_response_apart_is_an_error(
    front: Serving, sqlite_app: Flask
) -> None:
    def split() -> Any:
        def application(_: Any, start: Any) -> list[bytes]:
            start("200 OK", [("X-Part", "a\r\nSet-Cookie: b")])
            return [b"x"]

        return application

    sqlite_app.add_url_rule("/try/split", view_func=split)
    with get(front, "/try/split") as client:
        response = client.response()
        assert (response.status, "set-cookie" in response.headers) == (500, False)
        # It has a length, so that nobody waits for the end of the connection.
        assert response.headers["content-length"] == str(len(response.body))
        client.send(request_bytes("GET", "/healthz"))
        assert client.response().status == 200


def test_a_stop_waits_for_responses_and_closes_idle_connections(
    front: Serving, pages: Pages
) -> None:
    with get(front, "/healthz") as idle, get(front, "/try/waits") as busy:
        assert idle.response().status == 200
        pages.begun.wait()
        front.stop()
        assert idle.ends()
        pages.may_go.set()
        response = busy.response()
        assert (response.body, response.headers["connection"]) == (b"done", "close")
        assert busy.ends()


def test_a_stop_waits_for_the_first_request_of_a_new_connection(front: Serving) -> None:
    with RawClient(front.url) as late, RawClient(front.url) as silent:
        eventually(lambda: front.server.count == 2)
        front.stop()
        late.send(request_bytes("GET", "/healthz"))
        assert late.response().status == 200
        assert late.ends()
        assert silent.ends()
