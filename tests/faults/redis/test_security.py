"""A Redis with TLS, client certificates, and a user with the least privileges."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import redis
from flask import Flask
from flask.testing import FlaskClient

from app.runtime.configuration.redis_url import redis_url as complete_url
from app.runtime.relaying.relay import Callback, LocalResponse, Relay
from app.runtime.wakeup import JOB, client, queue_on
from app.services.accounts import api_keys
from app.services.accounts.actor import SYSTEM
from app.worker.rq_queue import RqQueue
from tests.faults.workers.processes import Workers
from tests.services.publishing import webhook
from tests.support.certificates import Authority
from tests.support.product import ROOT
from tests.support.servers import redis as redis_server
from tests.support.servers.ports import free_port
from tests.support.servers.receiver import Receiver
from tests.support.waiting import eventually

pytestmark = pytest.mark.faults

PASSWORD = "a-password-for-callboard"
ADMIN = "an-administrators-password"


@dataclass(frozen=True)
class Server:
    """url: of Callboard's user, with the files of TLS. plain_url: without them."""

    url: str
    plain_url: str
    admin_url: str


def documented_rule() -> str:
    """The line for the ACL file in docs/operating.md."""
    text = (ROOT / "docs" / "operating.md").read_text()
    [rule] = re.findall(r"^ +(user callboard on .*)$", text, re.MULTILINE)
    return str(rule)


@pytest.fixture
def secured(tmp_path: Path) -> Iterator[Server]:
    authority = Authority(tmp_path)
    certificate = str(authority.certificate("127.0.0.1"))
    own_certificate = str(authority.certificate("callboard.internal"))
    acl, rule = tmp_path / "users.acl", documented_rule().replace("PASSWORD", PASSWORD)
    acl.write_text(f"{rule}\nuser default off\nuser admin on >{ADMIN} ~* &* +@all\n")
    port = free_port()
    files = {
        "REDIS_CA_FILE": authority.file,
        "REDIS_CERT_FILE": own_certificate,
        "REDIS_KEY_FILE": own_certificate,
    }

    def url(user: str, password: str) -> str:
        # A machine that is busy or stands still for a moment is not a Redis that is away.
        patience = "socket_timeout=30&socket_connect_timeout=30"
        return f"rediss://{user}:{password}@127.0.0.1:{port}/0?{patience}"

    def with_files(plain_url: str) -> str:
        return complete_url(plain_url, tmp_path, files)

    options = {
        "port": "0",
        "bind": "127.0.0.1",
        "tls-port": str(port),
        "tls-cert-file": certificate,
        "tls-key-file": certificate,
        "tls-ca-cert-file": authority.file,
        "tls-auth-clients": "yes",
        "aclfile": str(acl),
    }
    arguments = [part for name, value in options.items() for part in (f"--{name}", value)]
    plain_url = url("callboard", PASSWORD)
    server = Server(with_files(plain_url), plain_url, with_files(url("admin", ADMIN)))
    with redis_server.serving(server.admin_url, arguments, str(tmp_path)):
        yield server


@pytest.fixture
def redis_url(secured: Server) -> str:
    """Of the application and of the workers."""
    return secured.url


@pytest.fixture
def publish(
    sqlite_app: Flask, client: FlaskClient, organization: Any, receiver: Receiver
) -> Callable[[], None]:
    """Posts an event with an API key; its webhook calls `receiver`."""
    webhook(organization.id, url=receiver.url)
    key = api_keys.create(organization.id, "producer", actor=SYSTEM)

    def post() -> None:
        headers = {"Authorization": f"Bearer {key.key}"}
        document = {"type": "a.b", "payload": {}}
        response = client.post("/api/v1/events", json=document, headers=headers)
        assert response.status_code == 202

    return post


def test_the_documented_user_may_do_all_that_web_and_worker_need(
    secured: Server,
    publish: Callable[[], None],
    client: FlaskClient,
    workers: Workers,
    receiver: Receiver,
) -> None:
    worker = workers.start()
    with redis.Redis.from_url(secured.admin_url) as admin:
        # The worker waits for a wake-up, so that the wake-up alone explains a fast delivery.
        eventually(lambda: admin.info("clients")["blocked_clients"] == 1)
        for number in range(1, 4):
            publish()
            receiver.wait_for(number)
        # Sign-in attempts are counted.
        client.post("/sign-in", data={"email": "a@b.example", "password": "wrong"})
        assert client.get("/readyz").json["checks"]["redis"]["ok"] is True
        assert admin.scard("rq:workers") == 1
        worker.terminate()
        assert worker.wait() == 0
        assert admin.scard("rq:workers") == 0
        assert admin.acl_log() == []
    assert "Redis unavailable" not in workers.output()


def test_the_maintenance_of_rq_is_permitted(secured: Server) -> None:
    queue = RqQueue(secured.url, lambda _: None)
    try:
        assert queue.wait_for_wakeup(0.01) is False
        own = client(secured.url, timeout=15.0)
        queue_on(own).enqueue(JOB)
        assert queue.wait_for_wakeup(1.0) is True
        with redis.Redis.from_url(secured.admin_url) as admin:
            assert admin.acl_log() == []
    finally:
        queue.close()


def test_passing_callbacks_on_to_listeners_is_permitted(secured: Server) -> None:
    with client(secured.url) as own:
        relay = Relay(own)
        callback = Callback("1", 0, "POST", "", (), b"{}")
        relay.offer("listener", callback)
        relay.take_over("listener", "request")
        assert relay.take("listener", "request") == [callback]
        relay.end_turn("listener")
        response = LocalResponse(204, (), b"")
        assert relay.respond("listener", "1", response)
        assert relay.response("listener", "1") == response
        relay.withdraw("listener", "1")


@pytest.mark.parametrize(
    "command",
    [
        ["GET", "somebody-elses-key"],
        ["SET", "somebody-elses-key", "1"],
        ["KEYS", "*"],
        ["FLUSHALL"],
        ["CONFIG", "GET", "*"],
        ["ACL", "LIST"],
        ["PUBLISH", "channel", "text"],
        ["CLIENT", "KILL", "ID", "1"],
        ["EVAL", "return redis.call('get', 'somebody-elses-key')", "0"],
    ],
)
def test_the_documented_user_may_do_nothing_else(secured: Server, command: list[str]) -> None:
    with redis.Redis.from_url(secured.url) as own, pytest.raises(redis.ResponseError) as refused:
        own.execute_command(*command)
    text = str(refused.value).lower()
    assert "no permissions" in text or "can't access" in text or "noperm" in text


def test_a_server_of_an_unknown_authority_is_refused(secured: Server) -> None:
    with (
        redis.Redis.from_url(secured.plain_url) as stranger,
        pytest.raises(redis.ConnectionError, match="CERTIFICATE_VERIFY_FAILED"),
    ):
        stranger.ping()


def test_a_certificate_for_another_name_is_refused(secured: Server) -> None:
    elsewhere = secured.url.replace("127.0.0.1", "localhost")
    with (
        redis.Redis.from_url(elsewhere) as stranger,
        pytest.raises(redis.ConnectionError, match="CERTIFICATE_VERIFY_FAILED"),
    ):
        stranger.ping()


def test_a_wrong_password_is_refused(secured: Server) -> None:
    with (
        redis.Redis.from_url(secured.url.replace(PASSWORD, "wrong")) as stranger,
        pytest.raises(redis.AuthenticationError),
    ):
        stranger.ping()
