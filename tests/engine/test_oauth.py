"""Webhooks with OAuth, in the dispatcher: a token is fetched once, shared, and replaced."""

import json
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from app.domain.common.clock import now_ms
from app.engine import tokens
from app.engine.dispatcher import Dispatcher
from app.models import Attempt, Due, Webhook
from app.models.common.base import db
from app.runtime.context import runtime_of
from app.services.accounts.actor import SYSTEM
from app.services.events.publishing import publish
from app.services.webhooks import service
from app.services.webhooks.test_sends import check
from app.store.transaction import write_transaction
from tests.services.publishing import delivery_rows, draft, webhook
from tests.support.dispatchers import dispatcher_of
from tests.support.servers.receiver import Receiver

pytestmark = pytest.mark.usefixtures("sqlite_app")


@pytest.fixture
def authority() -> Iterator[Receiver]:
    """The authorization server."""
    server = Receiver()
    issue(server, "first")
    yield server
    server.close()


def issue(authority: Receiver, token: str, **more: Any) -> None:
    document = {"access_token": token, "token_type": "bearer", "expires_in": 3600} | more
    authority.respond(200, body=json.dumps(document).encode())


def registered(organization: Any, receiver: Receiver, authority: Receiver) -> Webhook:
    authentication = {
        "kind": "oauth2",
        "token_url": f"{authority.url}/token",
        "client_id": "callboard",
        "client_secret": "s3cret",
        "scope": "hooks",
    }
    fields = {"url": f"{receiver.url}/hook", "authentication": authentication}
    return service.create(organization.id, fields, SYSTEM)


def sent(receiver: Receiver) -> list[str | None]:
    return [request.header("Authorization") for request in receiver.requests]


def due_now() -> None:
    with write_transaction() as session:
        session.query(Due).update({"next_at": now_ms()})


def test_all_deliveries_of_a_webhook_share_one_token(
    dispatcher: Dispatcher, organization: Any, receiver: Receiver, authority: Receiver
) -> None:
    registered(organization, receiver, authority)
    for _ in range(5):
        publish(organization.id, draft())
    dispatcher.run(10, linger=0)
    assert sent(receiver) == ["Bearer first"] * 5
    [asked] = authority.requests
    assert asked.header("Authorization") == "Basic Y2FsbGJvYXJkOnMzY3JldA=="
    assert asked.body == b"grant_type=client_credentials&scope=hooks"
    [attempt, *_] = db.session.query(Attempt).all()
    assert b"first" not in attempt.request_head
    assert b"Authorization" in attempt.request_head


def test_other_processes_use_the_same_token_and_redis_has_it_encrypted(
    sqlite_app: Flask, dispatcher: Dispatcher, organization: Any, receiver: Receiver,
    authority: Receiver,
) -> None:  # fmt: skip
    row = registered(organization, receiver, authority)
    publish(organization.id, draft())
    dispatcher.run(10, linger=0)
    other = dispatcher_of(runtime_of(sqlite_app))
    publish(organization.id, draft())
    other.run(10, linger=0)
    other.close()
    assert check(organization.id, row.id, SYSTEM).succeeded
    assert sent(receiver) == ["Bearer first"] * 3
    assert len(authority.requests) == 1
    connection = runtime_of(sqlite_app).redis
    [key] = connection.keys("callboard:oauth:*")
    stored = connection.get(key)
    assert isinstance(stored, bytes)
    assert b"first" not in stored
    assert 0 < connection.pttl(key) <= 3_570_000


def test_a_token_that_the_receiver_refuses_is_replaced(
    dispatcher: Dispatcher, organization: Any, receiver: Receiver, authority: Receiver,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(tokens, "REPLACE_MS", 0)
    registered(organization, receiver, authority)
    receiver.respond(401, times=1)
    publish(organization.id, draft())
    dispatcher.run(10, linger=0)
    issue(authority, "second")
    due_now()
    dispatcher.run(10, linger=0)
    assert sent(receiver) == ["Bearer first", "Bearer second"]
    assert [row.state for row in delivery_rows()] == ["succeeded"]


def test_a_receiver_that_always_refuses_does_not_ask_for_a_token_each_time(
    dispatcher: Dispatcher, organization: Any, receiver: Receiver, authority: Receiver
) -> None:
    registered(organization, receiver, authority)
    receiver.respond(401)
    for _ in range(3):
        publish(organization.id, draft())
        dispatcher.run(10, linger=0)
    assert len(receiver.requests) == 3
    assert len(authority.requests) == 1


@pytest.mark.parametrize(
    "refusal",
    [
        (401, b'{"error": "invalid_client"}', "the token URL responded with 401: invalid_client"),
        (200, b"x" * 100_000, "the token URL's response has no valid access_token"),
    ],
)
def test_without_a_token_nothing_is_sent_and_the_reason_is_recorded(
    dispatcher: Dispatcher,
    organization: Any,
    receiver: Receiver,
    authority: Receiver,
    refusal: tuple[int, bytes, str],
) -> None:
    status, body, detail = refusal
    registered(organization, receiver, authority)
    other = webhook(organization.id, url=receiver.url)
    authority.respond(status, body=body)
    for _ in range(2):
        publish(organization.id, draft())
        dispatcher.run(10, linger=0)
    assert sent(receiver) == [None, None]
    assert len(authority.requests) == 1
    attempts = db.session.query(Attempt).filter(Attempt.webhook_id != other).all()
    assert {(attempt.cause, attempt.detail) for attempt in attempts} == {("token", detail)}
    assert len(attempts) == 2


def test_a_slow_authorization_server_delays_no_other_webhook(
    dispatcher: Dispatcher, organization: Any, receiver: Receiver, authority: Receiver
) -> None:
    registered(organization, receiver, authority)
    webhook(organization.id, url=receiver.url)
    authority.respond(200, body=b'{"access_token": "late"}', delay=1.0)
    publish(organization.id, draft())
    dispatcher.run(10, linger=0)
    assert sent(receiver) == [None, "Bearer late"]


def test_a_token_url_inside_is_not_called(
    dispatcher: Dispatcher, organization: Any, receiver: Receiver, authority: Receiver
) -> None:
    row = registered(organization, receiver, authority)
    changed = {"authentication": service.secrets_of(organization.id, row.id).authentication}
    assert changed["authentication"]
    changed["authentication"] |= {"token_url": "http://169.254.169.254/token"}
    service.update(organization.id, row.id, changed, SYSTEM)
    publish(organization.id, draft())
    dispatcher.run(10, linger=0)
    [attempt] = db.session.query(Attempt).all()
    assert attempt.cause == "token"
    assert "Blocked address" in attempt.detail
    assert receiver.requests == []


def test_a_test_send_says_why_there_is_no_token(
    organization: Any, receiver: Receiver, authority: Receiver
) -> None:
    row = registered(organization, receiver, authority)
    authority.respond(403)
    result = check(organization.id, row.id, SYSTEM)
    assert (result.succeeded, result.outcome.cause) == (False, "token")
    assert "responded with 403" in result.outcome.detail


def test_an_error_of_our_own_while_a_token_is_requested_is_logged(
    dispatcher: Dispatcher, organization: Any, receiver: Receiver,
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    # As during an upgrade, when a module that is loaded late is no longer there.
    monkeypatch.setitem(sys.modules, "app.sending.session", None)
    row = registered(organization, receiver, receiver)
    publish(organization.id, draft())
    dispatcher.run(10, linger=0)
    [attempt] = db.session.query(Attempt).all()
    assert attempt.detail == "the token could not be requested"
    [logged] = [record for record in caplog.records if record.name == tokens.__name__]
    assert row.id in logged.getMessage()
    assert logged.exc_info
