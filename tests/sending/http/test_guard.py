"""The guard is asked about every address, however a request leads to it."""

from collections.abc import Callable

import pytest

from app.domain.addresses.private import parse_targets
from app.sending.addresses.guard import Guard
from app.sending.http.client import HttpClient
from tests.support.sending import send
from tests.support.servers.names import NameServer
from tests.support.servers.raw_receiver import Connection, RawReceiver

Raw = Callable[..., RawReceiver]
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def respond_ok(connection: Connection) -> None:
    while connection.read_request():
        connection.send(OK)


def test_a_name_with_private_addresses_is_refused_and_nothing_is_revealed(
    raw: Raw, name_server: NameServer
) -> None:
    http_client = HttpClient(Guard(), dns_servers=(name_server.address,))
    receiver = raw(respond_ok)
    name_server.names["inside.test"] = ["127.0.0.1", "10.0.0.1", "::1", "::ffff:127.0.0.1"]
    listening = send(http_client, f"http://inside.test:{receiver.port}/")
    closed = send(http_client, "http://inside.test:1/")
    for outcome in (listening, closed):
        assert outcome.cause == "address_refused"
        assert outcome.remote_address is None
        assert "127" not in outcome.detail
    assert listening.detail == closed.detail
    assert receiver.connections == 0
    http_client.close()


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:{port}/",
        "http://localhost:{port}/",
        "http://any.localhost:{port}/",
        "http://[::1]:{port}/",
        "http://[::ffff:127.0.0.1]:{port}/",
        "http://169.254.169.254/latest/meta-data/",
        "http://0.0.0.0:{port}/",
    ],
)
def test_a_private_address_in_the_url_is_refused_unless_allowed(url: str, raw: Raw) -> None:
    receiver = raw(respond_ok)
    http_client = HttpClient(Guard())
    assert send(http_client, url.format(port=receiver.port)).cause == "address_refused"
    assert receiver.connections == 0
    http_client.close()


def test_only_the_allowed_addresses_of_a_name_are_tried(raw: Raw, name_server: NameServer) -> None:
    good, bad = raw(respond_ok, address="127.0.0.3"), raw(respond_ok, address="127.0.0.4")
    http_client = HttpClient(
        Guard(parse_targets("127.0.0.3/32")), dns_servers=(name_server.address,)
    )
    name_server.names["mixed.test"] = ["127.0.0.4", "127.0.0.3"]
    assert send(http_client, f"http://mixed.test:{good.port}/").remote_address == "127.0.0.3"
    assert send(http_client, f"http://mixed.test:{bad.port}/").cause == "refused"
    assert bad.connections == 0
    http_client.close()


def test_an_exempt_url_does_not_exempt_others_on_its_connection(raw: Raw) -> None:
    receiver = raw(respond_ok)
    own = f"{receiver.url}/catch/1"
    http_client = HttpClient(Guard((), exempt=lambda url: url == own))
    assert send(http_client, own).cause == "ok"
    assert send(http_client, f"{receiver.url}/admin").cause == "address_refused"
    assert send(http_client, own).cause == "ok"
    http_client.close()
