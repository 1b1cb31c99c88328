"""A webhook's client certificate and authorities: stored, shown, sent and removed."""

import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.domain.common.errors import Invalid
from app.domain.webhooks.credentials.example import EXAMPLE_CERTIFICATE, EXAMPLE_KEY
from app.engine.dispatcher import Dispatcher
from app.models import Attempt, AuditEntry, Webhook
from app.models.common.base import db
from app.runtime.context import runtime
from app.services.accounts.actor import SYSTEM
from app.services.events.publishing import publish
from app.services.webhooks import service
from app.services.webhooks.test_sends import check
from tests.services.publishing import draft
from tests.support.certificates import Authority
from tests.support.dispatchers import dispatcher_of
from tests.support.servers.raw_receiver import Connection, RawReceiver

pytestmark = pytest.mark.usefixtures("sqlite_app")
BOTH = EXAMPLE_CERTIFICATE + EXAMPLE_KEY
URL = "https://example.com/hook"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def names() -> list[str]:
    """Of the client certificates that the receiver got, by connection."""
    return []


@pytest.fixture
def demanding(authority: Authority, names: list[str]) -> Iterator[RawReceiver]:
    def respond(connection: Connection) -> None:
        assert isinstance(connection.socket, ssl.SSLSocket)
        subject = connection.socket.getpeercert()["subject"]  # type: ignore[index]
        names.append(dict(pair[0] for pair in subject)["commonName"])
        while connection.read_request():
            connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    receiver = RawReceiver(respond, tls=authority.demanding("127.0.0.1"))
    yield receiver
    receiver.close()


@pytest.fixture
def dispatcher(sqlite_app: Any) -> Iterator[Dispatcher]:
    running = dispatcher_of(runtime())
    yield running
    running.close()


def created(organization: Any, **fields: Any) -> Webhook:
    return service.create(organization.id, {"url": URL} | fields, SYSTEM)


def changed(row: Webhook, **fields: Any) -> None:
    service.update(row.organization_id, row.id, fields, SYSTEM)


def secrets(row: Webhook) -> service.Secrets:
    db.session.expire_all()
    return service.secrets_of(row.organization_id, row.id)


def test_they_are_encrypted_in_the_database(organization: Any) -> None:
    row = created(organization, client_certificate=BOTH, ca_certificates=EXAMPLE_CERTIFICATE)
    assert secrets(row).client_certificate == BOTH
    assert secrets(row).ca_certificates == EXAMPLE_CERTIFICATE
    for sealed in (row.client_certificate, row.ca_certificates):
        assert sealed is not None
        assert b"BEGIN" not in sealed


def test_updates_keep_them_until_they_are_replaced_or_removed(
    organization: Any, authority: Authority
) -> None:
    row = created(organization, client_certificate=BOTH, ca_certificates=EXAMPLE_CERTIFICATE)
    service.update(organization.id, row.id, {"url": URL}, SYSTEM, replace=True)
    changed(row, client_certificate=EXAMPLE_CERTIFICATE)
    assert secrets(row).client_certificate == BOTH
    assert secrets(row).ca_certificates == EXAMPLE_CERTIFICATE
    new = authority.certificate("ada").read_text()
    changed(row, client_certificate=new, ca_certificates=None)
    assert secrets(row).client_certificate != BOTH
    assert secrets(row).ca_certificates is None
    changed(row, client_certificate=None)
    assert secrets(row).client_certificate is None


def test_a_certificate_without_its_key_is_refused(organization: Any, authority: Authority) -> None:
    with pytest.raises(Invalid, match="private key is missing"):
        created(organization, client_certificate=EXAMPLE_CERTIFICATE)
    row = created(organization, client_certificate=BOTH)
    other = Path(authority.file).read_text()
    with pytest.raises(Invalid, match="does not match"):
        changed(row, client_certificate=other)
    assert secrets(row).client_certificate == BOTH


def test_an_expired_certificate_is_refused(organization: Any, authority: Authority) -> None:
    expired = authority.certificate("old", first_day=-9, last_day=-1).read_text()
    with pytest.raises(Invalid, match="has expired"):
        created(organization, client_certificate=expired)


def test_the_audit_log_shows_that_they_changed_and_no_text(organization: Any) -> None:
    row = created(organization, client_certificate=BOTH)
    changed(row, ca_certificates=EXAMPLE_CERTIFICATE)
    entries = db.session.query(AuditEntry).filter_by(subject_id=row.id).order_by(AuditEntry.id)
    shown = repr([(entry.before, entry.after) for entry in entries])
    assert "'client_certificate': '(changed)'" in shown
    assert "'ca_certificates': '(changed)'" in shown
    assert "BEGIN" not in shown


def test_deliveries_and_test_sends_show_the_certificate_and_trust_the_authority(
    organization: Any,
    dispatcher: Dispatcher,
    demanding: RawReceiver,
    authority: Authority,
    names: list[str],
) -> None:
    trusted = Path(authority.file).read_text()
    for name in ("ada", "ben"):
        pem = authority.certificate(name).read_text()
        created(organization, url=demanding.url, client_certificate=pem, ca_certificates=trusted)
    plain = created(organization, url=demanding.url)
    for _ in range(2):
        publish(organization.id, draft())
    dispatcher.run(10, linger=0)
    assert set(names) == {"ada", "ben"}
    causes = {(attempt.webhook_id == plain.id, attempt.cause) for attempt in _attempts()}
    assert causes == {(False, "ok"), (True, "tls_untrusted")}
    names.clear()
    row = created(organization, url=demanding.url, client_certificate=pem, ca_certificates=trusted)
    assert check(organization.id, row.id, SYSTEM).succeeded
    assert names == ["ben"]


def _attempts() -> list[Attempt]:
    return db.session.query(Attempt).all()
