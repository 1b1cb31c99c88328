"""Client certificates and private authorities of single requests."""

import ssl
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from app.domain.webhooks.credentials.certificates import ClientTls, client_tls
from app.sending.addresses.guard import Guard
from app.sending.http.client import HttpClient
from app.sending.http.mutual_tls import MAX_KEPT, SecuredHandles
from app.sending.http.outcome import Outcome
from app.sending.session import GuardedSession
from tests.support.certificates import Authority
from tests.support.sending import collect, post
from tests.support.servers.raw_receiver import Connection, RawReceiver

Raw = Callable[..., RawReceiver]
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("stranger"))


@pytest.fixture
def plain(guard: Guard) -> Iterator[HttpClient]:
    """A client that trusts the public authorities."""
    client = HttpClient(guard)
    yield client
    client.close()


class Demanding:
    """A receiver that demands a client certificate. names: of the certificates it got, by
    connection."""

    def __init__(self, raw: Raw, context: ssl.SSLContext) -> None:
        self.names: list[str] = []
        self.receiver = raw(self._handle, tls=context)
        self.url: str = self.receiver.url

    def _handle(self, connection: Connection) -> None:
        assert isinstance(connection.socket, ssl.SSLSocket)
        subject = connection.socket.getpeercert()["subject"]  # type: ignore[index]
        self.names.append(dict(pair[0] for pair in subject)["commonName"])
        while connection.read_request():
            connection.send(OK)


@pytest.fixture
def demanding(raw: Raw, authority: Authority) -> Demanding:
    return Demanding(raw, authority.demanding("127.0.0.1"))


def of(authority: Authority, name: str, **days: int) -> ClientTls:
    tls = client_tls(authority.certificate(name, **days).read_text(), None)
    assert tls is not None
    return tls


def send(client: HttpClient, url: str, tls: ClientTls | None) -> Outcome:
    client.start(post(url), timeout=30, tag=1, tls=tls)
    return collect(client)[1]


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_each_certificate_has_connections_of_its_own(
    http_client: HttpClient, raw: Raw, authority: Authority, version: ssl.TLSVersion
) -> None:
    context = authority.demanding("127.0.0.1")
    context.maximum_version = version
    demanding = Demanding(raw, context)
    ada, ben = of(authority, "ada"), of(authority, "ben")
    outcomes = [send(http_client, demanding.url, tls) for tls in (ada, ben, ada, ben)]
    assert [outcome.cause for outcome in outcomes] == ["ok"] * 4
    assert demanding.names == ["ada", "ben"]
    # Nor does a request without a certificate use one of them, or resume its TLS session.
    assert send(http_client, demanding.url, None).cause == "tls"


def test_a_missing_certificate_has_its_reason(
    http_client: HttpClient, demanding: Demanding
) -> None:
    outcome = send(http_client, demanding.url, None)
    assert outcome.cause == "tls"
    assert outcome.detail == "the receiver requires a client certificate"


@pytest.mark.parametrize("days", [{}, {"first_day": -9, "last_day": -1}])
def test_a_refused_certificate_has_its_reason(
    http_client: HttpClient,
    demanding: Demanding,
    authority: Authority,
    stranger: Authority,
    days: dict[str, int],
) -> None:
    tls = of(authority if days else stranger, "eve", **days)
    outcome = send(http_client, demanding.url, tls)
    assert outcome.cause == "tls"
    assert outcome.detail.startswith("the receiver refused the client certificate")
    assert demanding.names == []


def test_a_key_that_does_not_match_has_its_reason(
    http_client: HttpClient, demanding: Demanding, authority: Authority
) -> None:
    tls = replace(of(authority, "ada"), key=of(authority, "ben").key)
    outcome = send(http_client, demanding.url, tls)
    assert (outcome.cause, outcome.detail) == ("tls", "the client certificate cannot be used")


def test_a_private_authority_replaces_the_public_ones(
    plain: HttpClient, http_client: HttpClient, raw: Raw, authority: Authority, stranger: Authority
) -> None:
    def respond(connection: Connection) -> None:
        while connection.read_request():
            connection.send(OK)

    url = raw(respond, tls=authority.context("127.0.0.1")).url
    private = client_tls(None, Path(authority.file).read_text())
    others = client_tls(None, Path(stranger.file).read_text())
    assert send(plain, url, None).cause == "tls_untrusted"
    assert send(plain, url, private).cause == "ok"
    assert send(plain, url, None).cause == "tls_untrusted"
    assert send(http_client, url, None).cause == "ok"
    assert send(http_client, url, others).cause == "tls_untrusted"


def test_single_calls_have_certificates_too(
    guard: Guard, demanding: Demanding, authority: Authority
) -> None:
    pem = authority.certificate("ada").read_text()
    tls = client_tls(pem, Path(authority.file).read_text())
    with GuardedSession(guard) as session:
        outcome = session.send_exactly(post(demanding.url), 5, tls)
    assert (outcome.cause, demanding.names) == ("ok", ["ada"])


def test_idle_handles_of_only_so_many_certificates_are_kept() -> None:
    secured = SecuredHandles()
    first = secured.handles(ClientTls(b"0", b"", b""))
    for number in range(1, MAX_KEPT):
        secured.handles(ClientTls(b"%d" % number, b"", b""))
    assert secured.handles(ClientTls(b"0", b"", b"")) is first
    secured.handles(ClientTls(b"more", b"", b""))
    assert secured.handles(ClientTls(b"0", b"", b"")) is first
    secured.handles(ClientTls(b"1", b"", b""))
    assert len(secured._idle) == MAX_KEPT
