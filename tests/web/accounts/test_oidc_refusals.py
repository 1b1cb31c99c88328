"""What sign-in with OpenID Connect refuses: an issuer that misbehaves, and people who may not."""

import time
from typing import Any

import pytest
from joserfc.jwk import RSAKey
from sqlalchemy import select

from app.models import AuditEntry, Membership, User
from app.models.common.base import db
from app.sending.oidc import session
from tests.services.people import PASSWORD, person
from tests.support.servers.hostile_issuer import CLIENT_ID, HostileIssuer
from tests.web.accounts.oidc_flow import ADA, ORGANIZATION, Start, is_signed_in, path_of, sign_in

SOON, LONG_AGO = 600, -600


@pytest.mark.parametrize(
    ("claims", "status", "words"),
    [
        ({"nonce": "another"}, 502, "claim nonce"),
        ({"nonce": None}, 502, "claim nonce"),
        ({"aud": "another client"}, 502, "claim aud"),
        ({"aud": ["another client", "and another"]}, 502, "claim aud"),
        ({"aud": [CLIENT_ID, "another"], "azp": "another"}, 502, "claim azp"),
        ({"iss": "https://issuer.example"}, 502, "claim iss"),
        ({"exp": LONG_AGO}, 502, "the clocks of the two"),
        ({"iat": SOON, "exp": 2 * SOON}, 502, "the clocks of the two"),
        ({"nbf": SOON}, 502, "the clocks of the two"),
        ({"sub": None}, 502, "claim sub"),
        ({"sub": "x" * 300}, 502, "who you are"),
        ({"email_verified": False}, 403, "has not verified"),
        ({"email_verified": None}, 403, "has not verified"),
        ({"email_verified": 1.5}, 403, "has not verified"),
        ({"email_verified": False, "xms_edov": True}, 403, "has not verified"),
        ({"email_verified": None, "xms_edov": "0"}, 403, "has not verified"),
        ({"email": None}, 403, "sent no email"),
        ({"email": ["ada@example.com"]}, 403, "sent no email"),
        ({"email": "ada@elsewhere.example"}, 403, "Addresses at elsewhere.example may not"),
        ({"email": "ada@sub.example.com"}, 403, "Addresses at sub.example.com may not"),
    ],
)
def test_claims_that_prove_nothing_are_refused(
    start: Start, issuer: HostileIssuer, claims: dict[str, Any], status: int, words: str
) -> None:
    visitor = start()
    times = {
        name: int(time.time()) + value
        for name, value in claims.items()
        if name in ("exp", "iat", "nbf")
    }
    reply = sign_in(visitor, issuer, **{**ADA, "sub": "ada", **claims, **times})
    assert reply.status_code == status, reply.text
    assert words in reply.text
    assert not is_signed_in(visitor)
    assert db.session.scalars(select(User)).all() == []
    assert db.session.scalars(select(Membership)).all() == []


def test_a_refused_person_is_in_the_audit_log_with_the_reason(
    start: Start, issuer: HostileIssuer
) -> None:
    sign_in(start(), issuer, email="eve@elsewhere.example", email_verified=True)
    entry = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert entry is not None
    assert (entry.action, entry.actor_name) == ("user.sign_in_refused", "eve@elsewhere.example")
    assert "may not sign in" in entry.after["reason"]


def test_another_key_signs_nobody_in(start: Start, issuer: HostileIssuer) -> None:
    visitor = start()
    issuer.key = RSAKey.generate_key(2048, {"kid": "one"})
    reply = sign_in(visitor, issuer)
    assert (reply.status_code, "(signature)" in reply.text) == (502, True)
    assert not is_signed_in(visitor)


@pytest.mark.parametrize("algorithm", ["HS256", "none"])
def test_only_signatures_by_a_private_key_count(
    start: Start, issuer: HostileIssuer, algorithm: str
) -> None:
    visitor = start()
    issuer.algorithm = algorithm
    assert sign_in(visitor, issuer).status_code == 502
    assert not is_signed_in(visitor)


def test_new_keys_of_the_issuer_are_read_at_once(start: Start, issuer: HostileIssuer) -> None:
    visitor = start()
    sign_in(visitor, issuer)
    visitor.post("/settings", "/sign-out")
    issuer.key = issuer.published = RSAKey.generate_key(2048, {"kid": "two"})
    assert sign_in(visitor, issuer).status_code == 303
    assert is_signed_in(visitor)


def test_a_sign_in_is_completed_once_and_by_the_browser_that_began_it(
    start: Start, issuer: HostileIssuer
) -> None:
    visitor, other = start(), start()
    there = visitor.get("/sign-in/oidc").location
    back = path_of(issuer.authorize(there, "ada", **ADA))
    stolen = other.get(back)
    assert (stolen.status_code, "not begun in this browser" in stolen.text) == (400, True)
    assert visitor.get(back).status_code == 303
    replayed = visitor.get(back)
    assert replayed.status_code == 400
    assert not is_signed_in(other)


def test_a_code_of_another_sign_in_is_refused(start: Start, issuer: HostileIssuer) -> None:
    """Its nonce and its PKCE challenge belong to the other one."""
    visitor, mallory = start(), start()
    foreign = issuer.authorize(mallory.get("/sign-in/oidc").location, "mallory", **ADA)
    ours = issuer.authorize(visitor.get("/sign-in/oidc").location, "ada", **ADA)
    code = foreign.partition("code=")[2].partition("&")[0]
    own = ours.partition("code=")[2].partition("&")[0]
    reply = visitor.get(path_of(ours.replace(own, code)))
    assert (reply.status_code, "already used or has expired" in reply.text) == (502, True)


def test_a_person_who_cancels_is_told_so(start: Start) -> None:
    visitor = start()
    state = visitor.get("/sign-in/oidc").location.partition("state=")[2].partition("&")[0]
    words = "error=access_denied&error_description=Call+0190-666"
    reply = visitor.get(f"/sign-in/oidc/callback?state={state}&{words}")
    assert (reply.status_code, "You cancelled the sign-in" in reply.text) == (403, True)
    assert "0190-666" not in reply.text


def test_a_prefetch_begins_and_completes_nothing(start: Start, issuer: HostileIssuer) -> None:
    visitor = start()
    there = visitor.get("/sign-in/oidc").location
    back = path_of(issuer.authorize(there, "ada", **ADA))
    assert visitor.get(back, headers={"Sec-Purpose": "prefetch"}).status_code == 204
    assert visitor.client.head(back).status_code == 204
    assert visitor.get(back).status_code == 303


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ((200, b"<html>"), "invalid response"),
        ((200, b"[1]"), "not set up"),
        ((200, b'{"issuer": "https://issuer.example"}'), "not set up"),
        ((200, b'{"a": "' + b"x" * 70_000 + b'"}'), "not set up"),
        ((404, b"{}"), "not set up"),
        ((302, b"{}"), "not set up"),
    ],
)
def test_a_broken_discovery_document_is_an_error_page(
    start: Start, issuer: HostileIssuer, document: tuple[int, bytes], words: str
) -> None:
    issuer.documents["/.well-known/openid-configuration"] = document
    reply = start().get("/sign-in/oidc")
    assert (reply.status_code, words in reply.text) == (502, True)


@pytest.mark.parametrize("response", [(500, b"oops"), (200, b"[]"), (200, b"{}"), (200, b"null")])
def test_a_broken_token_response_is_an_error_page(
    start: Start, issuer: HostileIssuer, response: tuple[int, bytes]
) -> None:
    issuer.documents["/token"] = response
    visitor = start()
    assert sign_in(visitor, issuer).status_code == 502
    assert not is_signed_in(visitor)


def test_an_issuer_that_is_away_is_an_error_page_and_passwords_still_work(
    start: Start, issuer: HostileIssuer
) -> None:
    visitor = start(OIDC_ISSUER="http://127.0.0.1:1")
    person("ada@example.com", ORGANIZATION, "owner", PASSWORD)
    reply = visitor.get("/sign-in/oidc")
    assert (reply.status_code, "cannot be reached" in reply.text) == (502, True)
    visitor.sign_in("ada@example.com", PASSWORD)
    assert is_signed_in(visitor)


@pytest.mark.parametrize("path", ["/.well-known/openid-configuration", "/token"])
def test_an_issuer_that_never_responds_is_an_error_page(
    start: Start, issuer: HostileIssuer, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    visitor, asked = start(), "/sign-in/oidc"
    if path == "/token":
        there = visitor.get(asked).location
        asked = path_of(issuer.authorize(there, "ada", **ADA))
    issuer.responds.clear()
    # Until here the issuer gets as long as it needs.
    monkeypatch.setattr(session, "TIMEOUT_SECONDS", 0.3)
    reply = visitor.get(asked)
    assert (reply.status_code, "cannot be reached" in reply.text) == (502, True)
    assert issuer.requests[-1] == path


def test_a_wrong_client_secret_is_an_error_page_without_it(
    start: Start, issuer: HostileIssuer, caplog: pytest.LogCaptureFixture
) -> None:
    reply = sign_in(start(OIDC_CLIENT_SECRET="not-the-secret"), issuer)
    assert (reply.status_code, "client ID or secret" in reply.text) == (502, True)
    assert "OIDC_CLIENT_SECRET" in caplog.text
    assert "not-the-secret" not in caplog.text + reply.text
