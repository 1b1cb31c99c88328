"""What is bounded, and who is refused when a bound is reached."""

import threading
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from app.http.front import front as front_module
from app.http.front.connection import State
from app.runtime.context import runtime_of
from tests.http.front.serving import PATIENT, serving
from tests.http.front.web import Web
from tests.support.raw_client import RawClient, request_bytes
from tests.support.waiting import eventually


def test_a_new_connection_takes_the_place_of_one_that_waits_longest(sqlite_app: Flask) -> None:
    with ExitStack() as stack, serving(sqlite_app, replace(PATIENT, connections=3)) as front:
        clients = [stack.enter_context(RawClient(front.url)) for _ in range(3)]
        for client in clients[1:]:
            client.send(request_bytes("GET", "/healthz"))
            assert client.response().status == 200
        with RawClient(front.url) as newcomer:
            newcomer.send(request_bytes("GET", "/healthz"))
            assert newcomer.response().status == 200
            assert clients[1].ends()
            clients[2].send(request_bytes("GET", "/healthz"))
            assert clients[2].response().status == 200


def test_a_connection_is_refused_while_all_others_are_busy(sqlite_app: Flask) -> None:
    may_go = threading.Event()
    sqlite_app.add_url_rule("/try/wait", view_func=lambda: str(may_go.wait()))
    with ExitStack() as stack, serving(sqlite_app, replace(PATIENT, connections=2)) as front:
        clients = [stack.enter_context(RawClient(front.url)) for _ in range(2)]
        for client in clients:
            client.send(request_bytes("GET", "/try/wait"))
        busy = [State.HANDLING] * 2
        eventually(lambda: [each.state for each in front.server.connections] == busy)
        with RawClient(front.url) as refused:
            response = refused.response()
            assert (response.status, response.headers["retry-after"]) == (503, "1")
        may_go.set()
        assert {client.response().status for client in clients} == {200}


def test_more_large_bodies_than_the_memory_may_hold_are_refused(
    sqlite_app: Flask, headers: dict[str, str]
) -> None:
    part = b'{"type":"a.b","payload":{"a":"' + b"x" * 60_000
    limits = replace(PATIENT, buffered=100_000)
    with ExitStack() as stack, serving(sqlite_app, limits) as front:
        web = Web(front.url, headers)
        first, second, third = (stack.enter_context(web.client()) for _ in range(3))
        whole = web.event(part + b'"}}')
        first.send(whole[:-2])
        eventually(lambda: front.server.budget.held > 60_000)
        second.send(whole[:-2])
        response = second.response()
        assert (response.status, response.headers["retry-after"]) == (503, "1")
        first.send(whole[-2:])
        assert first.response().status == 202
        third.send(whole)
        assert third.response().status == 202
        assert front.server.budget.held == 0


def test_requests_that_would_wait_too_long_for_a_thread_get_503_in_their_own_shape(
    sqlite_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, number in (("WAITING", 0), ("API_THREADS", 0), ("PAGE_THREADS", 0)):
        monkeypatch.setattr(front_module, name, number)
    with serving(sqlite_app) as front, RawClient(front.url) as client:
        client.send(request_bytes("GET", "/readyz"), request_bytes("GET", "/webhooks.json"))
        for _ in range(2):
            response = client.response()
            assert (response.status, response.headers["retry-after"]) == (503, "1")
        client.send(request_bytes("GET", "/healthz"))
        assert client.response().status == 200


@pytest.fixture
def locked(sqlite_app: Flask) -> Iterator[Any]:
    """A lock that keeps all writers of the database out."""
    return runtime_of(sqlite_app).write_lock.held()


def test_a_commit_that_does_not_come_costs_a_client_no_more_than_its_time(
    sqlite_app: Flask, headers: dict[str, str], locked: Any
) -> None:
    limits = replace(PATIENT, commit=0.2)
    with (
        serving(sqlite_app) as patient,
        serving(sqlite_app, limits) as front,
        RawClient(patient.url) as other,
        RawClient(front.url) as client,
    ):
        web = Web(front.url, headers)
        other.send(web.event())
        assert other.response().status == 202
        with locked:
            client.send(web.event(b'{"type":"never.stored","payload":{}}'))
            response = client.response()
            assert (response.status, response.headers["retry-after"]) == (503, "1")
            assert "was not stored" in response.json()["detail"]
            client.send(request_bytes("GET", "/healthz"))
            assert client.response().status == 200
        other.send(web.event())
        assert other.response().status == 202
    assert types_stored(sqlite_app) == ["video.ready", "video.ready"]


def types_stored(app: Flask) -> list[str]:
    from app.models import Event
    from app.models.common.base import db

    db.session.rollback()
    return sorted(db.session.scalars(db.select(Event.type)))


def test_a_large_event_is_stored_as_well(sqlite_app: Flask, headers: dict[str, str]) -> None:
    with serving(sqlite_app) as front, RawClient(front.url) as client:
        body = b'{"type":"a.large","payload":{"a":"' + b"x" * 500_000 + b'"}}'
        client.send(Web(front.url, headers).event(body))
        assert client.response().status == 202
    assert types_stored(sqlite_app) == ["a.large"]
