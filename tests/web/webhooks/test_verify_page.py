from html import unescape
from typing import Any

import pytest

from app.services.accounts.actor import SYSTEM
from app.services.webhooks import service as verbs
from app.web.webhooks.verify import LANGUAGES
from tests.web.visitor import Visitor

URL = "https://example.com/hook"


def page(visitor: Visitor, organization: Any, language: str = "python", **given: Any) -> str:
    made = verbs.create(organization.id, {"url": URL, **given}, SYSTEM)
    answer = visitor.get(f"/webhooks/{made.id}/verify?language={language}")
    assert answer.status_code == 200
    return unescape(answer.text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_is_shown_as_its_tested_file_has_it(
    owner: Visitor, organization: Any, language: str
) -> None:
    assert str(LANGUAGES[language].sample("v1")) in page(owner, organization, language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_header_of_the_token_is_the_webhook_s_own(
    owner: Visitor, organization: Any, language: str
) -> None:
    shown = page(owner, organization, language, preset="asset", secret_token="tok-1")
    assert "x-streams-token" in shown
    assert "x-callboard-token" not in shown
    assert "tok-1" not in shown


def test_with_v1a_the_public_key_stands_beside_the_code(owner: Visitor, organization: Any) -> None:
    shown = page(owner, organization, "go", signing="v1a")
    assert "whpk_" in shown
    assert "ed25519.Verify" in shown
    assert "whsk_" not in shown


def test_where_the_language_cannot_check_v1a_the_page_says_so(
    owner: Visitor, organization: Any
) -> None:
    shown = page(owner, organization, "csharp", signing="v1a")
    assert "has no ed25519" in shown


def test_a_webhook_that_does_not_sign_says_how_to_switch_it_on(
    owner: Visitor, organization: Any
) -> None:
    assert "does not sign" in page(owner, organization, signing="none")


def test_without_a_body_it_is_the_query_that_is_signed(owner: Visitor, organization: Any) -> None:
    given = {"preset": "form_callback", "method": "GET"}
    assert "The query string" in page(owner, organization, **given)


def test_an_unknown_language_is_the_first(owner: Visitor, organization: Any) -> None:
    assert "hmac.digest" in page(owner, organization, "cobol")


def test_the_page_of_the_webhook_links_to_it(viewer: Visitor, organization: Any) -> None:
    made = verbs.create(organization.id, {"url": URL}, SYSTEM)
    assert f"/webhooks/{made.id}/verify" in viewer.get(f"/webhooks/{made.id}").text
