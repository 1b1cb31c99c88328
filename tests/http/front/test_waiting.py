"""Requests that wait for an announcement, on the event loop: none of them holds a thread."""

import threading
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from flask import Flask

from app.domain.listeners.urls import HEADER
from app.models import Webhook
from app.models.common.base import db
from app.services.accounts import api_keys, organizations
from app.services.accounts.actor import SYSTEM
from app.services.listeners import service as listener_service
from app.services.webhooks.secret_headers import headers_of
from tests.http.front.serving import Serving, serving
from tests.support.raw_client import Answer, RawClient, request_bytes
from tests.support.waiting import eventually

NUMBER = 40


@pytest.fixture
def front(sqlite_app: Flask) -> Iterator[Serving]:
    with serving(sqlite_app) as running:
        yield running


class Scene:
    """An organization with listeners, and their requests."""

    def __init__(self, front: Serving, number: int = NUMBER) -> None:
        organization = organizations.create("A")
        key = api_keys.create(organization.id, "k", ["webhooks:manage"], actor=SYSTEM).key
        self._front, self._headers = front, {"Authorization": f"Bearer {key}"}
        self.ids = [
            listener_service.create(organization.id, {}, SYSTEM).listener.id for _ in range(number)
        ]

    def ask(self, stack: ExitStack, listener_id: str, wait: int = 20) -> RawClient:
        client = stack.enter_context(RawClient(self._front.url))
        path = f"/api/v1/listeners/{listener_id}/callbacks?wait={wait}"
        client.send(request_bytes("GET", path, headers=self._headers))
        return client

    def deliver(self, stack: ExitStack, listener_id: str, body: bytes) -> RawClient:
        token = dict(headers_of(db.session.get_one(Webhook, listener_id))[1])[HEADER]
        client = stack.enter_context(RawClient(self._front.url))
        client.send(request_bytes("POST", f"/listen/{listener_id}", {HEADER: token}, body))
        return client

    def respond(self, stack: ExitStack, listener_id: str, callback: Any, body: bytes) -> Answer:
        client = stack.enter_context(RawClient(self._front.url))
        path = f"/api/v1/listeners/{listener_id}/callbacks/{callback['id']}/response"
        headers = self._headers | {"Content-Type": "application/json"}
        client.send(request_bytes("POST", path, headers, body))
        return client.response()


def waiting(front: Serving) -> int:
    return len(front.server.front.waiting)


def test_many_listeners_wait_without_a_thread_for_each(front: Serving) -> None:
    scene, before = Scene(front), threading.active_count()
    with ExitStack() as stack:
        clients = [scene.ask(stack, id_) for id_ in scene.ids]
        eventually(lambda: waiting(front) == NUMBER)
        # The pools of the front have 8 and 4, a few others are shared by all requests.
        assert threading.active_count() - before < NUMBER / 2
        worker = scene.deliver(stack, scene.ids[7], b'{"n": 7}')
        [callback] = clients[7].response().json()["data"]
        assert callback["body"]["text"] == '{"n": 7}'
        body = b'{"status": 202, "body": "done"}'
        assert scene.respond(stack, scene.ids[7], callback, body).status == 204
        response = worker.response()
        assert (response.status, response.body) == (202, b"done")
        assert waiting(front) == NUMBER - 1


def test_a_request_that_waits_ends_in_time(front: Serving) -> None:
    scene = Scene(front, 1)
    with ExitStack() as stack:
        response = scene.ask(stack, scene.ids[0], wait=1).response()
        assert response.json() == {"data": [], "is_replaced": False}
    assert waiting(front) == 0


def test_a_callback_is_not_given_to_a_client_that_has_left(front: Serving) -> None:
    scene = Scene(front, 1)
    with ExitStack() as stack:
        gone = scene.ask(stack, scene.ids[0])
        eventually(lambda: waiting(front) == 1)
        gone.close()
        [connection] = front.server.connections
        eventually(lambda: connection.is_gone)
        scene.deliver(stack, scene.ids[0], b"{}")
        eventually(lambda: not front.server.connections or waiting(front) == 1)
        [callback] = scene.ask(stack, scene.ids[0]).response().json()["data"]
        assert callback["body"]["text"] == "{}"


def test_a_stop_ends_what_listeners_wait_for(front: Serving) -> None:
    scene = Scene(front, 2)
    with ExitStack() as stack:
        clients = [scene.ask(stack, id_) for id_ in scene.ids]
        eventually(lambda: waiting(front) == 2)
        front.stop()
        for client in clients:
            assert client.response().json()["data"] == []
