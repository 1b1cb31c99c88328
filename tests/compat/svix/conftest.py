"""The `svix` package itself, in front of the application in this process."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from flask import Flask
from svix.api import Svix, SvixOptions
from svix.models import EndpointIn, EndpointOut

from app.models.common.base import db
from app.runtime.context import runtime_of
from app.services.accounts import api_keys, organizations
from app.services.accounts.actor import SYSTEM
from app.services.jobs import running
from tests.compat.caller import Caller
from tests.support.dispatchers import dispatcher_of
from tests.support.servers.receiver import Receiver

Deliver = Callable[[Callable[[], Any]], None]


def client_of(app: Flask, key: str) -> Svix:
    svix = Svix(key, SvixOptions(server_url="http://localhost", retry_schedule=[]))
    svix._httpx_client = httpx.Client(transport=httpx.WSGITransport(app=app))
    return svix


@pytest.fixture
def platform_key(sqlite_app: Flask) -> str:
    return api_keys.create(None, "platform", actor=SYSTEM).key


@pytest.fixture
def environment(sqlite_app: Flask, platform_key: str) -> Svix:
    """With a platform key."""
    return client_of(sqlite_app, platform_key)


@pytest.fixture
def own(sqlite_app: Flask, api_key: Any) -> Svix:
    """With a key of `organization`."""
    return client_of(sqlite_app, api_key.key)


@pytest.fixture
def other(sqlite_app: Flask) -> Svix:
    """With a key of another organization."""
    stranger = organizations.create("Other")
    return client_of(sqlite_app, api_keys.create(stranger.id, "theirs", actor=SYSTEM).key)


@pytest.fixture
def app_id(organization: Any) -> str:
    return f"app_{organization.id}"


@pytest.fixture
def raw(sqlite_app: Flask, api_key: Any) -> Caller:
    """The paths of the application of `organization`, without the package."""
    headers = {"Authorization": f"Bearer {api_key.key}"}
    return Caller(sqlite_app.test_client(), headers, "/api/v1")


@pytest.fixture
def endpoint(own: Svix, app_id: str, receiver: Receiver) -> EndpointOut:
    return own.endpoint.create(app_id, EndpointIn(url=receiver.url, uid="mine"))


@pytest.fixture
def deliver(sqlite_app: Flask) -> Iterator[Deliver]:
    """Run jobs and send what is due until a condition is true."""
    dispatcher = dispatcher_of(runtime_of(sqlite_app))

    def run(condition: Callable[[], Any]) -> None:
        end = time.monotonic() + 45
        while not condition():
            assert time.monotonic() < end, "the messages were not delivered"
            running.run_all()
            dispatcher.run(0.05, linger=0)
            # Requests of this process share a session, whose snapshot is from before.
            db.session.rollback()

    yield run
    dispatcher.close()
