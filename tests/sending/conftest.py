"""An HTTP client that may connect to loopback, and receivers that misbehave."""

import ssl
from collections.abc import Callable, Iterator

import pytest

from app.domain.addresses.private import parse_targets
from app.sending.addresses.guard import Guard
from app.sending.http.client import HttpClient
from tests.support.certificates import Authority
from tests.support.servers.names import NameServer
from tests.support.servers.raw_receiver import Handler, RawReceiver

LOOPBACK = parse_targets("127.0.0.0/8,::1/128")


@pytest.fixture
def guard() -> Guard:
    return Guard(LOOPBACK)


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
def name_server() -> Iterator[NameServer]:
    server = NameServer()
    yield server
    server.close()


@pytest.fixture
def http_client(
    guard: Guard, name_server: NameServer, authority: Authority
) -> Iterator[HttpClient]:
    client = HttpClient(guard, dns_servers=(name_server.address,), ca_file=authority.file)
    yield client
    client.close()


@pytest.fixture
def raw() -> Iterator[Callable[..., RawReceiver]]:
    receivers: list[RawReceiver] = []

    def make(
        handle: Handler,
        *,
        tls: ssl.SSLContext | None = None,
        address: str = "127.0.0.1",
        port: int = 0,
    ) -> RawReceiver:
        receivers.append(RawReceiver(handle, tls=tls, address=address, port=port))
        return receivers[-1]

    yield make
    for receiver in receivers:
        receiver.close()
