"""With DELIVERY_PROXY everything that tenants cause goes through the proxy."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from app.models import Attempt
from app.models.common.base import db
from app.runtime.configuration.settings import Settings
from app.runtime.context import runtime_of
from app.services.accounts import organizations
from app.services.accounts.actor import SYSTEM
from app.services.events.publishing import publish
from app.services.webhooks import service
from app.services.webhooks.test_sends import check
from tests.conftest import settings_for
from tests.services.publishing import draft
from tests.support.dispatchers import dispatcher_of
from tests.support.servers.egress_proxy import EgressProxy
from tests.support.servers.receiver import Receiver


@pytest.fixture
def egress() -> Iterator[EgressProxy]:
    proxy = EgressProxy(username="ada", password="s3cret")
    yield proxy
    proxy.close()


@pytest.fixture
def proxied_app(
    make_app: Callable[[Settings], Flask],
    sqlite_url: str,
    redis_url: str,
    tmp_path: Path,
    egress: EgressProxy,
) -> Iterator[Flask]:
    url = f"socks5://ada:s3cret@127.0.0.1:{egress.port}"
    app = make_app(settings_for(sqlite_url, redis_url, tmp_path, DELIVERY_PROXY=url))
    with app.app_context():
        yield app


@pytest.fixture
def authority() -> Iterator[Receiver]:
    server = Receiver()
    server.respond(200, body=json.dumps({"access_token": "t0ken"}).encode())
    yield server
    server.close()


def test_deliveries_test_sends_and_token_requests_go_through_it(
    proxied_app: Flask, egress: EgressProxy, receiver: Receiver, authority: Receiver
) -> None:
    organization: Any = organizations.create("Acme")
    authentication = {
        "kind": "oauth2",
        "token_url": f"{authority.url}/token",
        "client_id": "c",
        "client_secret": "s",
    }
    fields = {"url": f"{receiver.url}/hook", "authentication": authentication}
    row = service.create(organization.id, fields, SYSTEM)
    publish(organization.id, draft())
    dispatcher = dispatcher_of(runtime_of(proxied_app))
    dispatcher.run(10, linger=0)
    dispatcher.close()
    [attempt] = db.session.query(Attempt).all()
    assert (attempt.cause, attempt.remote_address) == ("ok", "127.0.0.1")
    hosts = [url.removeprefix("http://") for url in (authority.url, receiver.url)]
    assert egress.targets == hosts
    assert check(organization.id, row.id, SYSTEM).succeeded
    assert egress.targets == [*hosts, hosts[1]]
    egress.reply = 2
    outcome = check(organization.id, row.id, SYSTEM).outcome
    assert (outcome.cause, outcome.detail) == ("proxy", "its rules do not allow this connection")
