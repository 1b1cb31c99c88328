"""Certificates are verified; failures have a cause and a plain detail."""

import ssl
from collections.abc import Callable

import pytest

from app.sending.addresses.guard import Guard
from app.sending.http.client import HttpClient
from tests.support.certificates import Authority
from tests.support.sending import send
from tests.support.servers.names import NameServer
from tests.support.servers.raw_receiver import Connection, RawReceiver

Raw = Callable[..., RawReceiver]
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def respond_ok(connection: Connection) -> None:
    while connection.read_request():
        connection.send(OK)


def test_a_trusted_certificate_is_accepted_and_the_handshake_timed(
    http_client: HttpClient, raw: Raw, authority: Authority
) -> None:
    receiver = raw(respond_ok, tls=authority.context("127.0.0.1"))
    first, second = send(http_client, receiver.url), send(http_client, receiver.url)
    assert (first.cause, second.cause) == ("ok", "ok")
    assert 0 < (first.tls_us or 0) < first.total_us
    assert second.tls_us is None
    assert receiver.connections == 1


def test_a_certificate_for_the_host_in_the_url_is_accepted(
    http_client: HttpClient, raw: Raw, authority: Authority, name_server: NameServer
) -> None:
    name_server.names["hooks.example.test"] = ["127.0.0.1"]
    receiver = raw(respond_ok, tls=authority.context("*.example.test"))
    assert send(http_client, f"https://hooks.example.test:{receiver.port}/").cause == "ok"


@pytest.mark.parametrize(
    "case",
    [
        ("tls_expired", "", {"first_day": -9, "last_day": -1}),
        ("tls_expired", "not valid yet", {"first_day": 1, "last_day": 9}),
        ("tls_untrusted", "self-signed", {"self_signed": True}),
    ],
)
def test_an_invalid_certificate_has_its_cause(
    case: tuple[str, str, dict[str, int]], http_client: HttpClient, raw: Raw, authority: Authority
) -> None:
    cause, detail, settings = case
    receiver = raw(respond_ok, tls=authority.context("127.0.0.1", **settings))
    outcome = send(http_client, receiver.url)
    assert (outcome.cause, outcome.status) == (cause, None)
    assert detail in outcome.detail


def test_a_certificate_for_another_host_has_its_cause(
    http_client: HttpClient, raw: Raw, authority: Authority
) -> None:
    receiver = raw(respond_ok, tls=authority.context("other.example"))
    outcome = send(http_client, receiver.url)
    assert outcome.cause == "tls_name"
    assert outcome.detail == "certificate is not valid for 127.0.0.1"


def test_an_unknown_authority_has_its_cause(guard: Guard, raw: Raw, authority: Authority) -> None:
    http_client = HttpClient(guard)
    receiver = raw(respond_ok, tls=authority.context("127.0.0.1"))
    assert send(http_client, receiver.url).cause == "tls_untrusted"
    http_client.close()


@pytest.mark.parametrize("name", ["SSL_CERT_FILE", "CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE"])
def test_environment_variables_do_not_change_the_trusted_authorities(
    name: str, guard: Guard, raw: Raw, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, authority.file)
    http_client = HttpClient(guard)
    receiver = raw(respond_ok, tls=authority.context("127.0.0.1"))
    assert send(http_client, receiver.url).cause == "tls_untrusted"
    http_client.close()


def test_a_port_without_tls_has_its_cause(http_client: HttpClient, raw: Raw) -> None:
    def plain(connection: Connection) -> None:
        connection.socket.recv(1000)
        connection.send(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")

    outcome = send(http_client, raw(plain).url.replace("http:", "https:"))
    assert outcome.cause == "tls"
    assert "version" in outcome.detail


def test_a_connection_closed_during_the_handshake_has_its_cause(
    http_client: HttpClient, raw: Raw
) -> None:
    def close_early(connection: Connection) -> None:
        connection.socket.recv(1000)

    outcome = send(http_client, raw(close_early).url.replace("http:", "https:"))
    assert outcome.cause == "tls"
    assert outcome.detail == "connection closed during the TLS handshake"


def test_tls_1_2_is_supported(http_client: HttpClient, raw: Raw, authority: Authority) -> None:
    context = authority.context("127.0.0.1")
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    assert send(http_client, raw(respond_ok, tls=context).url).cause == "ok"


def test_a_response_truncated_without_a_tls_close_is_a_reset(
    http_client: HttpClient, raw: Raw, authority: Authority
) -> None:
    def close_early(connection: Connection) -> None:
        connection.read_request()
        connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nhalf")

    outcome = send(http_client, raw(close_early, tls=authority.context("127.0.0.1")).url)
    assert (outcome.cause, outcome.status) == ("reset", 200)
