"""Client certificates and authorities in the form, on the webhook's page and in the API."""

from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.domain.webhooks.credentials.example import EXAMPLE_CERTIFICATE, EXAMPLE_KEY
from app.models import AuditEntry, Webhook
from app.models.common.base import db
from app.services.accounts.actor import SYSTEM
from app.services.webhooks import service
from tests.support.certificates import Authority
from tests.web.visitor import Visitor
from tests.web.webhook_forms import filled

URL = "http://127.0.0.1:9000/hook"
KEY_TEXT = EXAMPLE_KEY.splitlines()[1]


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def webhook(organization: Any) -> Webhook:
    fields = {
        "url": URL,
        "client_certificate": EXAMPLE_CERTIFICATE + EXAMPLE_KEY,
        "ca_certificates": EXAMPLE_CERTIFICATE,
    }
    return service.create(organization.id, fields, SYSTEM)


def test_the_form_keeps_them_shows_neither_and_removes_them(
    owner: Visitor, webhook: Webhook
) -> None:
    path = f"/webhooks/{webhook.id}/edit"
    assert "BEGIN" not in owner.get(path).text
    assert owner.send(path, **filled(owner, path)).status_code == 303
    secrets = service.secrets_of(webhook.organization_id, webhook.id)
    assert secrets.client_certificate == EXAMPLE_CERTIFICATE + EXAMPLE_KEY
    removed = filled(owner, path) | {"remove_client_certificate": "y"}
    assert owner.send(path, **removed).status_code == 303
    secrets = service.secrets_of(webhook.organization_id, webhook.id)
    assert (secrets.client_certificate, secrets.ca_certificates) == (None, EXAMPLE_CERTIFICATE)


def test_a_form_with_a_wrong_key_says_so_at_its_field(
    owner: Visitor, webhook: Webhook, authority: Authority
) -> None:
    path = f"/webhooks/{webhook.id}/edit"
    sent = filled(owner, path) | {
        "client_certificate": Path(authority.file).read_text() + EXAMPLE_KEY
    }
    response = owner.send(path, **sent)
    assert response.status_code == 422
    assert 'id="client_certificate-error"' in response.text
    assert "The private key does not match the first certificate." in response.text


def test_the_page_shows_until_when_they_are_valid_and_warns(
    owner: Visitor, organization: Any, webhook: Webhook, authority: Authority
) -> None:
    page = owner.get(f"/webhooks/{webhook.id}").text
    assert "callboard.example.com, valid until" in page
    assert "Expires soon" not in page
    pem = authority.certificate("ada").read_text()
    old = service.create(organization.id, {"url": URL, "client_certificate": pem}, SYSTEM)
    page = owner.get(f"/webhooks/{old.id}").text
    assert "ada, valid until" in page
    assert "Expires soon" in page


def test_revealed_secrets_do_not_include_the_key(owner: Visitor, webhook: Webhook) -> None:
    page = owner.post(f"/webhooks/{webhook.id}", f"/webhooks/{webhook.id}/secret").text
    assert "whsec_" in page
    assert KEY_TEXT not in page


def test_the_api_returns_the_certificate_without_its_key_and_takes_it_back(
    client: FlaskClient, api_key: Any, webhook: Webhook
) -> None:
    headers = {"Authorization": f"Bearer {api_key.key}"}
    path = f"/api/v1/webhooks/{webhook.id}"
    document = client.get(path, headers=headers).get_json()
    assert document["client_certificate"] == document["ca_certificates"] == EXAMPLE_CERTIFICATE
    assert document["client_certificate_expires_at"] == "2099-01-01T00:00:00.000Z"
    assert client.put(path, headers=headers, json=document).status_code == 200
    secrets = service.secrets_of(webhook.organization_id, webhook.id)
    assert secrets.client_certificate == EXAMPLE_CERTIFICATE + EXAMPLE_KEY
    [listed] = client.get("/api/v1/webhooks", headers=headers).get_json()["data"]
    assert listed["has_client_certificate"] is listed["has_ca_certificates"] is True
    assert "client_certificate" not in listed


def test_reading_certificates_is_not_recorded_as_revealing_a_secret(
    client: FlaskClient, api_key: Any, webhook: Webhook
) -> None:
    headers = {"Authorization": f"Bearer {api_key.key}"}
    client.get(f"/api/v1/webhooks/{webhook.id}", headers=headers)
    actions = {entry.action for entry in db.session.query(AuditEntry)}
    assert "webhook.create" in actions
    assert "webhook.reveal_secret" not in actions
