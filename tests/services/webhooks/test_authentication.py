"""A webhook's authentication at its receiver: stored, sent, shown and replaced."""

from typing import Any

import pytest

from app.domain.common.errors import Invalid
from app.domain.deliveries import masking
from app.domain.deliveries.composing import Composer
from app.domain.deliveries.sealing import seals_of
from app.domain.webhooks.rows import facts_from_row
from app.models import AuditEntry, Webhook
from app.models.common.base import db
from app.runtime.context import runtime
from app.services.accounts.actor import SYSTEM
from app.services.webhooks import service
from app.services.webhooks.test_sends import check
from tests.domain.facts import event
from tests.support.servers.receiver import Receiver

pytestmark = pytest.mark.usefixtures("sqlite_app")
BASIC = {"kind": "basic", "username": "ada", "password": "s3cret"}
BEARER = {"kind": "bearer", "token": "t0ken"}
SENT = "Basic YWRhOnMzY3JldA=="


def created(organization: Any, **fields: Any) -> Webhook:
    return service.create(organization.id, {"url": "https://example.com/hook"} | fields, SYSTEM)


def stored(row: Webhook) -> Webhook:
    db.session.expire_all()
    return db.session.get_one(Webhook, row.id)


def test_it_is_encrypted_in_the_database_and_read_back(organization: Any) -> None:
    row = stored(created(organization, authentication=BASIC))
    assert row.authentication is not None
    assert b"s3cret" not in row.authentication
    assert service.secrets_of(organization.id, row.id).authentication == BASIC


def test_a_change_of_other_settings_keeps_it(organization: Any) -> None:
    row = created(organization, authentication=BASIC)
    service.update(organization.id, row.id, {"name": "x"}, SYSTEM)
    service.update(organization.id, row.id, {"url": "https://example.com/"}, SYSTEM, replace=True)
    assert service.secrets_of(organization.id, row.id).authentication == BASIC
    service.update(organization.id, row.id, {"authentication": BEARER}, SYSTEM)
    assert service.secrets_of(organization.id, row.id).authentication == BEARER
    service.update(organization.id, row.id, {"authentication": None}, SYSTEM)
    assert stored(row).authentication is None


@pytest.mark.parametrize("url", ["https://other.example.com/hook", "http://example.com/hook"])
@pytest.mark.parametrize("replace", [False, True])
def test_another_host_does_not_get_what_is_stored(
    organization: Any, url: str, replace: bool
) -> None:
    row = created(organization, authentication=BASIC)
    with pytest.raises(Invalid, match="host of the URL has changed"):
        service.update(organization.id, row.id, {"url": url}, SYSTEM, replace=replace)
    assert stored(row).url == "https://example.com/hook"
    fields = {"url": url, "authentication": BEARER}
    service.update(organization.id, row.id, fields, SYSTEM, replace=replace)
    assert service.secrets_of(organization.id, row.id).authentication == BEARER


def test_another_path_of_the_host_keeps_it(organization: Any) -> None:
    row = created(organization, authentication=BASIC)
    service.update(organization.id, row.id, {"url": "https://example.com:443/x"}, SYSTEM)
    assert service.secrets_of(organization.id, row.id).authentication == BASIC


@pytest.mark.parametrize(
    "header", [{"headers": {"authorization": "x"}}, {"secret_headers": {"Authorization": "x"}}]
)
def test_an_authorization_header_of_its_own_is_refused(
    organization: Any, header: dict[str, Any]
) -> None:
    with pytest.raises(Invalid, match="Authorization"):
        created(organization, authentication=BASIC, **header)
    row = created(organization, authentication=BASIC)
    with pytest.raises(Invalid, match="Authorization"):
        service.update(organization.id, row.id, header, SYSTEM)


def test_a_token_header_of_that_name_is_refused(organization: Any) -> None:
    row = created(organization, secret_token="t", secret_header="authorization")
    with pytest.raises(Invalid, match="Authorization"):
        service.update(organization.id, row.id, {"authentication": BEARER}, SYSTEM)


def test_a_request_carries_it_and_its_record_hides_it(organization: Any) -> None:
    row = stored(created(organization, authentication=BASIC))
    vault = runtime().vault
    facts = facts_from_row(row.columns(), vault, 0)
    composed = Composer(facts).compose(event(), "d", 1, 0)
    assert ("Authorization", SENT) in composed.headers
    head = f"POST / HTTP/1.1\r\nAuthorization: {SENT}\r\nHost: x\r\n\r\n".encode()
    recorded = seals_of(facts, vault.seal, vault.open).put(head)
    assert SENT.encode() not in recorded
    assert b"Authorization: ********" in masking.of(row).head(recorded)


def test_matching_does_not_decrypt_it(organization: Any) -> None:
    row = stored(created(organization, authentication=BASIC))
    assert facts_from_row(row.columns(), None, 0).secret_headers == ()


def test_a_receiver_gets_it(organization: Any, receiver: Receiver) -> None:
    row = created(organization, url=f"{receiver.url}/hook", authentication=BEARER)
    result = check(organization.id, row.id, SYSTEM)
    assert result.succeeded
    assert ("Authorization", "Bearer t0ken") in receiver.requests[0].headers


def test_the_audit_log_says_that_it_changed_and_shows_nothing(organization: Any) -> None:
    row = created(organization, authentication=BASIC)
    service.update(organization.id, row.id, {"authentication": BEARER}, SYSTEM)
    entries = db.session.query(AuditEntry).filter_by(subject_id=row.id).order_by(AuditEntry.id)
    shown = repr([(entry.before, entry.after) for entry in entries])
    assert shown.count("'authentication': '(changed)'") == 2
    assert "s3cret" not in shown
    assert "t0ken" not in shown
