"""Requests through the installation's proxy, to addresses that the guard has checked."""

import base64
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from app.domain.addresses.proxies import Proxy, parse_proxy
from app.sending.addresses.guard import Guard
from app.sending.http.client import HttpClient
from app.sending.session import GuardedSession
from tests.support.certificates import Authority
from tests.support.sending import send
from tests.support.servers.egress_proxy import EgressProxy
from tests.support.servers.names import NameServer
from tests.support.servers.raw_receiver import Connection, RawReceiver

Raw = Callable[..., RawReceiver]
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
SCHEMES = ("http", "socks5")


def respond_ok(connection: Connection) -> None:
    while connection.read_request():
        connection.send(OK)


@pytest.fixture
def egress() -> Iterator[EgressProxy]:
    proxy = EgressProxy(username="ada", password="s3:cret")
    yield proxy
    proxy.close()


@pytest.fixture
def client(
    guard: Guard, name_server: NameServer, authority: Authority, egress: EgressProxy
) -> Iterator[Callable[..., HttpClient]]:
    clients = []

    def make(scheme: str = "http", login: str = "ada:s3%3Acret", **options: Any) -> HttpClient:
        port = options.pop("port", egress.port)
        options = {"dns_servers": (name_server.address,), "ca_file": authority.file} | options
        proxy = parse_proxy(f"{scheme}://{login}@127.0.0.1:{port}")
        clients.append(HttpClient(options.pop("guard", guard), proxy=proxy, **options))
        return clients[-1]

    yield make
    for each in clients:
        each.close()


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("is_tls", [False, True])
def test_the_proxy_is_asked_for_the_checked_address_and_not_for_the_name(  # noqa: PLR0917 -- fixtures and a case
    scheme: str,
    is_tls: bool,
    client: Callable[..., HttpClient],
    raw: Raw,
    egress: EgressProxy,
    name_server: NameServer,
    authority: Authority,
) -> None:
    name_server.names["hooks.example.test"] = ["127.0.0.3"]
    tls = authority.context("hooks.example.test") if is_tls else None
    requests = []

    def note(connection: Connection) -> None:
        while request := connection.read_request():
            requests.append(request)
            connection.send(OK)

    receiver = raw(note, tls=tls, address="127.0.0.3")
    url = f"{'https' if is_tls else 'http'}://hooks.example.test:{receiver.port}/in?x=1"
    http_client = client(scheme)
    outcomes = [send(http_client, url) for _ in range(2)]
    assert [(outcome.cause, outcome.remote_address) for outcome in outcomes] == [
        ("ok", "127.0.0.3")
    ] * 2
    assert egress.targets == [f"127.0.0.3:{receiver.port}"]
    assert requests[0].startswith(b"POST /in?x=1 HTTP/1.1\r\nHost: hooks.example.test:")
    assert b"roxy" not in requests[0]
    assert outcomes[0].response_head == b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"
    assert outcomes[0].request_head == requests[0].partition(b"\r\n\r\n")[0] + b"\r\n\r\n"


def test_the_proxy_learns_nothing_of_a_request_but_its_address(
    client: Callable[..., HttpClient], raw: Raw, egress: EgressProxy, name_server: NameServer
) -> None:
    name_server.names["hooks.example.test"] = ["127.0.0.3"]
    receiver = raw(respond_ok, address="127.0.0.3")
    http_client = client()
    send(http_client, f"http://hooks.example.test:{receiver.port}/", headers={"X-Key": "k"})
    credentials = base64.b64encode(b"ada:s3:cret").decode()
    assert egress.heads[0].decode().split("\r\n") == [
        f"CONNECT 127.0.0.3:{receiver.port} HTTP/1.1",
        f"Host: 127.0.0.3:{receiver.port}",
        f"Proxy-Authorization: Basic {credentials}",
        "User-Agent: Callboard",
        "Proxy-Connection: Keep-Alive",
        "",
        "",
    ]


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_blocked_address_never_reaches_the_proxy(
    scheme: str,
    client: Callable[..., HttpClient],
    raw: Raw,
    egress: EgressProxy,
    name_server: NameServer,
) -> None:
    receiver = raw(respond_ok)
    name_server.names["inside.test"] = ["127.0.0.1", "10.0.0.1"]
    http_client = client(scheme, guard=Guard())
    for host in ("inside.test", "127.0.0.1", "localhost", "[::1]"):
        assert send(http_client, f"http://{host}:{receiver.port}/").cause == "address_refused"
    assert egress.connections == receiver.connections == 0


@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_next_address_of_a_name_is_tried_when_the_proxy_cannot_reach_one(
    scheme: str,
    client: Callable[..., HttpClient],
    raw: Raw,
    egress: EgressProxy,
    name_server: NameServer,
) -> None:
    receiver = raw(respond_ok, address="127.0.0.3")
    name_server.names["two.test"] = ["::1", "127.0.0.4", "127.0.0.3"]
    outcome = send(client(scheme), f"http://two.test:{receiver.port}/")
    assert (outcome.cause, outcome.remote_address) == ("ok", "127.0.0.3")
    assert egress.targets == [f"127.0.0.4:{receiver.port}", f"127.0.0.3:{receiver.port}"]


def test_a_test_inbox_of_our_own_is_called_without_the_proxy(
    client: Callable[..., HttpClient], raw: Raw, egress: EgressProxy
) -> None:
    receiver = raw(respond_ok)
    own = f"{receiver.url}/catch/1"
    http_client = client(guard=Guard((), exempt=lambda url: url == own))
    outcome = send(http_client, own)
    assert (outcome.cause, outcome.remote_address) == ("ok", "127.0.0.1")
    assert egress.connections == 0
    assert send(http_client, f"{receiver.url}/admin").cause == "address_refused"


def test_tls_as_far_as_the_proxy(
    client: Callable[..., HttpClient], raw: Raw, authority: Authority
) -> None:
    secured = EgressProxy(tls=authority.context("127.0.0.1"))
    receiver = raw(respond_ok)
    try:
        assert send(client("https", port=secured.port), receiver.url).cause == "ok"
        assert secured.targets == [f"127.0.0.1:{receiver.port}"]
        untrusting = send(client("https", port=secured.port, ca_file=None), receiver.url)
        assert (untrusting.cause, "certificate" in untrusting.detail) == ("proxy", True)
    finally:
        secured.close()


@pytest.mark.parametrize(
    ("scheme", "change", "cause", "detail"),
    [
        ("http", {"status": 403}, "proxy", "responded to CONNECT with 403"),
        ("http", {"status": 503}, "unreachable", "responded to CONNECT with 503"),
        ("socks5", {"reply": 2}, "proxy", "rules do not allow"),
        ("socks5", {"reply": 4}, "unreachable", "no route"),
    ],
)
def test_what_the_proxy_refuses_has_a_reason(  # noqa: PLR0917 -- fixtures and a case
    scheme: str,
    change: dict[str, int],
    cause: str,
    detail: str,
    client: Callable[..., HttpClient],
    raw: Raw,
    egress: EgressProxy,
) -> None:
    receiver = raw(respond_ok)
    for name, value in change.items():
        setattr(egress, name, value)
    outcome = send(client(scheme), receiver.url)
    assert (outcome.cause, outcome.status, outcome.response_head) == (cause, None, None)
    assert detail in outcome.detail
    assert "127" not in outcome.detail


@pytest.mark.parametrize("scheme", SCHEMES)
def test_wrong_credentials_and_a_proxy_that_is_down_are_the_proxys_fault(
    scheme: str, client: Callable[..., HttpClient], raw: Raw
) -> None:
    receiver = raw(respond_ok)
    wrong = send(client(scheme, login="ada:wrong"), receiver.url)
    assert (wrong.cause, wrong.status) == ("proxy", None)
    down = send(client(scheme, port=1), receiver.url)
    assert (down.cause, down.detail) == ("proxy", "it cannot be reached")
    assert receiver.connections == 0


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_receiver_that_is_down_is_not_the_proxys_fault(
    scheme: str, client: Callable[..., HttpClient]
) -> None:
    outcome = send(client(scheme), "http://127.0.0.1:1/")
    assert outcome.cause == ("refused" if scheme == "socks5" else "unreachable")


@pytest.mark.parametrize("name", ["no_proxy", "NO_PROXY"])
def test_the_environment_does_not_lead_around_the_proxy(
    name: str,
    client: Callable[..., HttpClient],
    raw: Raw,
    egress: EgressProxy,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(name, "*")
    receiver = raw(respond_ok)
    assert send(client(), receiver.url).cause == "ok"
    assert egress.connections == 1


def test_single_calls_use_it_too(guard: Guard, raw: Raw, egress: EgressProxy) -> None:
    receiver = raw(respond_ok)
    proxy = Proxy("http", "localhost", egress.port, "ada", "s3:cret")
    with GuardedSession(guard, proxy=proxy) as session:
        assert session.post(receiver.url, data="x").status_code == 200
    assert egress.targets == [f"127.0.0.1:{receiver.port}"]
