from html import unescape
from typing import Any

import pytest

from app.services.accounts.actor import SYSTEM
from app.services.webhooks import service as webhook_service
from app.web.webhooks.verify import LANGUAGES
from tests.web.visitor import Visitor

URL = "https://example.com/hook"


def page(visitor: Visitor, organization: Any, language: str = "python", **settings: Any) -> str:
    created = webhook_service.create(organization.id, {"url": URL, **settings}, SYSTEM)
    response = visitor.get(f"/webhooks/{created.id}/verify?language={language}")
    assert response.status_code == 200
    return unescape(response.text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_shows_its_tested_sample(
    owner: Visitor, organization: Any, language: str
) -> None:
    assert str(LANGUAGES[language].sample("v1")) in page(owner, organization, language)


@pytest.mark.parametrize("scheme", ["timestamped", "sha256"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_shows_its_sample_for_the_scheme_of_the_webhook(
    owner: Visitor, organization: Any, language: str, scheme: str
) -> None:
    shown = page(owner, organization, language, signature_scheme=scheme)
    assert str(LANGUAGES[language].sample(scheme)) in shown


@pytest.mark.parametrize("scheme", ["standard", "timestamped", "sha256"])
def test_the_sample_reads_the_signature_from_the_header_of_the_webhook(
    owner: Visitor, organization: Any, scheme: str
) -> None:
    settings = {"signature_scheme": scheme, "signature_header": "X-Acme-Signature"}
    assert 'headers.get("x-acme-signature", "")' in page(owner, organization, **settings)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_token_header_is_that_of_the_webhook(
    owner: Visitor, organization: Any, language: str
) -> None:
    shown = page(owner, organization, language, preset="asset", secret_token="tok-1")
    assert "x-streams-token" in shown
    assert "x-callboard-token" not in shown
    assert "tok-1" not in shown


def test_with_v1a_the_public_key_is_shown(owner: Visitor, organization: Any) -> None:
    shown = page(owner, organization, "go", signing="v1a")
    assert "whpk_" in shown
    assert "ed25519.Verify" in shown
    assert "whsk_" not in shown


def test_a_language_without_v1a_is_explained(owner: Visitor, organization: Any) -> None:
    shown = page(owner, organization, "csharp", signing="v1a")
    assert "has no Ed25519" in shown


def test_a_webhook_without_signing_links_to_enabling_it(owner: Visitor, organization: Any) -> None:
    assert "does not sign" in page(owner, organization, signing="none")


def test_without_a_body_the_query_is_signed(owner: Visitor, organization: Any) -> None:
    settings = {"preset": "form_callback", "method": "GET"}
    assert "The query string" in page(owner, organization, **settings)


def test_an_unknown_language_shows_the_first(owner: Visitor, organization: Any) -> None:
    assert "hmac.digest" in page(owner, organization, "cobol")


def test_the_page_of_the_webhook_links_to_it(viewer: Visitor, organization: Any) -> None:
    created = webhook_service.create(organization.id, {"url": URL}, SYSTEM)
    assert f"/webhooks/{created.id}/verify" in viewer.get(f"/webhooks/{created.id}").text


@pytest.mark.parametrize(
    ("settings", "expected", "absent"),
    [
        ({"signature_scheme": "sha256"}, "X-Hub-Signature-256", "webhook-signature"),
        ({"signature_scheme": "timestamped"}, "X-Callboard-Signature", "webhook-signature"),
        ({"signature_header": "X-Acme-Signature"}, "X-Acme-Signature", "webhook-signature"),
    ],
)
def test_the_scheme_and_the_header_are_those_of_the_webhook(
    owner: Visitor, organization: Any, settings: Any, expected: str, absent: str
) -> None:
    shown = page(owner, organization, "php", **settings)
    assert f"<dt><code>{expected}</code></dt>" in shown
    assert f"<dt><code>{absent}</code></dt>" not in shown
