"""A worker that the network separates from the database while it has claims in hand."""

import socket
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy.engine import make_url

from app.services.events import publishing as events
from tests.faults.workers.processes import (
    CLAIMED,
    Workers,
    all_done,
    assert_recorded_once,
    scalar,
    times_sent,
)
from tests.services.publishing import draft, webhook
from tests.support.servers.receiver import Receiver
from tests.support.servers.tcp_proxy import TcpProxy
from tests.support.waiting import eventually

pytestmark = pytest.mark.faults

COUNT = 12


@pytest.fixture
def network(postgres_url: str) -> Iterator[TcpProxy]:
    parameters = conninfo_to_dict(postgres_url)
    host, port = str(parameters["host"]), int(str(parameters.get("port") or 5432))

    def connect() -> socket.socket:
        if not host.startswith("/"):
            return socket.create_connection((host, port))
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(f"{host}/.s.PGSQL.{port}")
        return connection

    running = TcpProxy(connect)
    yield running
    running.close()


@pytest.fixture
def url_over_network(postgres_url: str, network: TcpProxy) -> str:
    url = make_url(postgres_url).set(host="127.0.0.1", port=network.port, query={})
    return url.render_as_string(hide_password=False)


@pytest.mark.long
def test_a_worker_that_is_cut_off_from_the_database_drops_what_comes_late(
    *,
    postgres_app: Flask,
    url_over_network: str,
    network: TcpProxy,
    workers: Workers,
    organization: Any,
    receiver: Receiver,
) -> None:
    webhook(organization.id, url=receiver.url, max_in_flight=COUNT)
    cut_off = workers.start(short_lease=True, DATABASE_URL=url_over_network)
    # One success, after which the webhook may have all at once.
    events.publish(organization.id, draft())
    eventually(all_done)
    receiver.respond(delay=1.0)
    events.publish_batch(organization.id, [draft() for _ in range(COUNT)])
    receiver.wait_for(1 + COUNT)
    assert scalar(CLAIMED) == COUNT
    # Their responses arrive, and can be recorded nowhere.
    network.cut()
    other = workers.start(short_lease=True)
    receiver.respond(200)
    eventually(all_done)
    assert_recorded_once(1 + COUNT)
    # What the worker had sent to the database arrives now, and its results are dropped.
    network.mend()
    eventually(lambda: scalar("SELECT max(id) FROM workers") == 3, 30)
    events.publish_batch(organization.id, [draft() for _ in range(COUNT)])
    eventually(all_done)
    for worker in (cut_off, other):
        worker.terminate()
        assert worker.wait() == 0
    sent = times_sent(receiver.requests)
    assert len(sent) == 1 + 2 * COUNT
    assert sorted(sent.values()) == [1] * (1 + COUNT) + [2] * COUNT
    assert_recorded_once(1 + 2 * COUNT)
    assert "Traceback" not in workers.output()
