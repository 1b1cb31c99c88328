"""Slow clients: they cost a connection for a while, and nobody else notices."""

import selectors
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace

import pytest
from flask import Flask

from app.http.front.limits import limits_of
from app.runtime.context import runtime_of
from tests.http.front.serving import serving
from tests.http.front.web import EVENT, Web
from tests.support.raw_client import RawClient, request_bytes
from tests.support.waiting import eventually

DRIPPERS = 250


@pytest.fixture
def web(sqlite_app: Flask, headers: dict[str, str]) -> Iterator[Web]:
    """With short deadlines."""
    settings = runtime_of(sqlite_app).settings
    short = replace(settings, request_header_seconds=1, request_body_seconds=2)
    with serving(sqlite_app, replace(limits_of(short), commit=30)) as front:
        yield Web(front.url, headers)


def timed_out(client: RawClient) -> None:
    response = client.response()
    assert response.status == 408
    assert response.json()["code"] == "timeout"
    assert response.headers["connection"] == "close"
    assert client.ends()


def test_a_header_that_does_not_arrive_in_time_ends_with_408(web: Web) -> None:
    with web.client() as client:
        client.send(b"GET /healthz HTTP/1.1\r\nHost:")
        timed_out(client)


def test_a_body_that_does_not_arrive_in_time_ends_with_408(web: Web) -> None:
    with web.client() as client:
        client.send(web.event()[:-5])
        timed_out(client)


def test_a_chunked_body_that_does_not_arrive_in_time_ends_with_408(web: Web) -> None:
    with web.client() as client:
        client.send(web.head(**{"Transfer-Encoding": "chunked"}), b"\r\n5\r\n{")
        timed_out(client)


def test_an_error_has_the_shape_of_the_dialect_that_it_was_meant_for(web: Web) -> None:
    with web.client() as client:
        head = request_bytes("POST", "/webhooks.json/x", {"Content-Length": "9"})
        client.send(head[: head.index(b"\r\n\r\n")], b"\r\n\r\n{")
        response = client.response()
        assert response.status == 408
        assert response.headers["content-type"] != "application/problem+json"


def test_a_connection_on_which_nothing_comes_is_closed(web: Web) -> None:
    with web.client() as client:
        assert client.ends()


def test_a_request_after_the_first_has_the_same_deadlines(web: Web) -> None:
    with web.client() as client:
        client.send(web.event())
        assert client.response().status == 202
        client.send(web.event()[:-5])
        timed_out(client)


@contextmanager
def dripping(web: Web, start: bytes, rest: bytes) -> Iterator[list[RawClient]]:
    """Connections that send `start`, and then a byte of `rest` from time to time."""
    stop = threading.Event()
    with ExitStack() as stack:
        clients = [stack.enter_context(web.client()) for _ in range(DRIPPERS)]
        for client in clients:
            client.send(start)

        def drip() -> None:
            position = 0
            while not stop.wait(0.2):
                for client in clients:
                    try:
                        client.send(rest[position : position + 1])
                    except OSError:
                        continue
                position += 1

        thread = threading.Thread(target=drip)
        thread.start()
        try:
            yield clients
        finally:
            stop.set()
            thread.join()


def closed(clients: list[RawClient]) -> int:
    """How many of them the server has closed."""
    with selectors.DefaultSelector() as selector:
        for client in clients:
            selector.register(client.socket, selectors.EVENT_READ)
        return len(selector.select(0))


def test_hundreds_of_slow_requests_leave_room_for_others(
    sqlite_app: Flask, headers: dict[str, str]
) -> None:
    with serving(sqlite_app) as front:
        web = Web(front.url, headers)
        head, _, body = web.event(padded(EVENT)).partition(b"\r\n\r\n")
        with (
            dripping(web, head[:30], head[30:]) as headless,
            dripping(web, head + b"\r\n\r\n", body) as bodiless,
            web.client() as client,
        ):
            for _ in range(50):
                client.send(web.event())
                assert client.response().status == 202
            assert closed(headless) + closed(bodiless) == 0


def padded(event: bytes) -> bytes:
    return event[:-1] + b" " * 5000 + b"}"


def test_hundreds_of_dripped_headers_are_dropped(web: Web) -> None:
    request = request_bytes("GET", "/healthz", {"X-Padding": "x" * 5000})
    with dripping(web, request[:30], request[30:]) as drippers:
        eventually(lambda: closed(drippers) == DRIPPERS)
        assert {client.response().status for client in drippers[:20]} == {408}


def test_hundreds_of_dripped_bodies_are_dropped(web: Web) -> None:
    head, _, body = web.event(padded(EVENT)).partition(b"\r\n\r\n")
    with dripping(web, head + b"\r\n\r\n", body) as drippers:
        eventually(lambda: closed(drippers) == DRIPPERS)
        assert {client.response().status for client in drippers[:20]} == {408}
