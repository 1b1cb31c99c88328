"""Two-factor authentication as people meet it: pages and forms, without scripts."""

import re
from typing import Any

import pytest
from flask import Flask

from app.domain.common.clock import now_ms
from app.models import User
from app.queries.accounts import users as accounts
from app.services.accounts import organizations, users
from app.services.accounts.actor import SYSTEM
from app.store.transaction import write_transaction
from tests.services.people import PASSWORD, Authenticator, person, with_app
from tests.support.servers.hostile_issuer import HostileIssuer
from tests.web.accounts import oidc_flow
from tests.web.accounts.oidc_flow import Start
from tests.web.accounts.test_settings import shown
from tests.web.visitor import Visitor

PAGE, STEP = "/settings/account/two-factor", "/sign-in/two-factor"
ADA = "ada@example.com"


@pytest.fixture
def ada(sqlite_app: Flask, organization: Any) -> User:
    return person(ADA, organization.id, "owner", PASSWORD)


@pytest.fixture
def visitor(sqlite_app: Flask) -> Visitor:
    return Visitor(sqlite_app)


def require(organization: Any) -> None:
    with write_transaction() as session:
        stored = session.get(type(organization), organization.id)
        assert stored is not None
        stored.requires_two_factor = True


def enrol(visitor: Visitor, user_id: str) -> Any:
    visitor.post("/settings/account" if visitor.get(PAGE).status_code == 404 else PAGE)
    phone = Authenticator(user_id, shown(visitor.get(PAGE), "totp-secret"))
    return visitor.post(PAGE, f"{PAGE}/confirm", code=phone.code(), current=PASSWORD)


def test_it_is_set_up_with_an_app_and_shows_recovery_codes_once(
    visitor: Visitor, ada: User
) -> None:
    visitor.sign_in(ADA, PASSWORD)
    assert '"qr-code"' not in visitor.get(PAGE).text
    assert visitor.post(PAGE).status_code == 303
    page = visitor.get(PAGE)
    assert "<svg viewBox" in page.text
    assert 'autocomplete="one-time-code"' in page.text
    assert "style=" not in page.text
    response = enrol(visitor, ada.id)
    assert response.status_code == 200
    assert response.headers["Cache-Control"] == "no-store"
    codes = re.findall(r"\b(?:[a-z2-7]{4}-){3}[a-z2-7]{4}\b", response.text)
    assert len(codes) == 10
    assert codes[0] not in visitor.get(PAGE).text
    assert "10 recovery codes left" in visitor.get("/settings/account").text


def test_setting_it_up_signs_out_other_browsers(
    sqlite_app: Flask, visitor: Visitor, ada: User
) -> None:
    other = Visitor(sqlite_app)
    other.sign_in(ADA, PASSWORD)
    visitor.sign_in(ADA, PASSWORD)
    enrol(visitor, ada.id)
    assert other.get("/settings").status_code == 303
    assert visitor.get("/settings").status_code == 200


def test_a_wrong_code_is_said_at_its_field(visitor: Visitor, ada: User) -> None:
    visitor.sign_in(ADA, PASSWORD)
    visitor.post(PAGE)
    response = visitor.post(PAGE, f"{PAGE}/confirm", code="12345", current=PASSWORD)
    assert response.status_code == 422
    assert 'id="code-error"' in response.text
    assert "Incorrect code." in response.text


def test_looking_at_the_page_changes_nothing(visitor: Visitor, ada: User) -> None:
    visitor.sign_in(ADA, PASSWORD)
    visitor.get(PAGE)
    user = accounts.user(ada.id)
    assert user
    assert user.totp_secret is None


def test_after_the_password_a_code_is_asked_for_and_leads_to_the_page(
    visitor: Visitor, ada: User
) -> None:
    phone = with_app(ada)
    response = visitor.post(
        "/sign-in", email=ADA, password=PASSWORD, next="/deliveries?state=failed", remember="y"
    )
    assert response.location == STEP
    assert visitor.get("/settings").location.startswith("/sign-in?")
    assert 'autocomplete="one-time-code"' in visitor.get(STEP).text
    response = visitor.post(STEP, code=phone.fresh_code())
    assert (response.status_code, response.location) == (303, "/deliveries?state=failed")
    assert visitor.get("/settings").status_code == 200
    assert visitor.client.get_cookie("callboard").expires is not None


def test_a_recovery_code_replaces_the_app(visitor: Visitor, ada: User) -> None:
    phone = with_app(ada)
    visitor.post("/sign-in", email=ADA, password=PASSWORD)
    page = f"{STEP}?with=recovery-code"
    assert 'name="code"' in visitor.get(page).text
    wrong = visitor.post(page, code="abcd")
    assert wrong.status_code == 422
    assert "Recovery code" in wrong.text
    visitor.post(page, code=phone.recovery_codes[0])
    assert "9 recovery codes left." in visitor.get("/settings").text


def test_wrong_codes_are_limited(visitor: Visitor, ada: User) -> None:
    with_app(ada)
    visitor.post("/sign-in", email=ADA, password=PASSWORD)
    for _ in range(10):
        assert visitor.post(STEP, code="12345").status_code == 422
    response = visitor.post(STEP, code="12345")
    assert response.status_code == 429
    assert int(response.headers["Retry-After"]) > 0


def test_the_second_step_needs_the_first(visitor: Visitor, ada: User) -> None:
    phone = with_app(ada)
    assert visitor.get(STEP).location == "/sign-in"
    assert visitor.post("/sign-in", STEP, code=phone.fresh_code()).location == "/sign-in"


def test_the_first_step_is_valid_for_ten_minutes(visitor: Visitor, ada: User) -> None:
    with_app(ada)
    visitor.post("/sign-in", email=ADA, password=PASSWORD)
    with visitor.client.session_transaction() as session:
        assert session["second_step"]["until"] <= now_ms() + 600_000
        session["second_step"] = {**session["second_step"], "until": now_ms() - 1}
    assert visitor.get(STEP).location == "/sign-in"


def test_a_new_password_ends_the_first_step(visitor: Visitor, ada: User) -> None:
    with_app(ada)
    visitor.post("/sign-in", email=ADA, password=PASSWORD)
    users.change_password(ada.id, PASSWORD, "another fine password", SYSTEM)
    assert visitor.get(STEP).location == "/sign-in"


def test_turning_it_off_needs_the_password(visitor: Visitor, ada: User) -> None:
    visitor.sign_in(ADA, PASSWORD)
    enrol(visitor, ada.id)
    wrong = visitor.post(PAGE, f"{PAGE}/disable", **{"disable-current": "wrong password"})
    assert wrong.status_code == 422
    assert 'id="disable-current-error"' in wrong.text
    visitor.post(PAGE, f"{PAGE}/disable", **{"disable-current": PASSWORD})
    user = accounts.user(ada.id)
    assert user
    assert not user.has_two_factor


def test_recovery_codes_are_renewed_with_the_password(visitor: Visitor, ada: User) -> None:
    visitor.sign_in(ADA, PASSWORD)
    first = enrol(visitor, ada.id).text
    response = visitor.post(PAGE, f"{PAGE}/recovery-codes", **{"renew-current": PASSWORD})
    matches = re.findall(r"\b(?:[a-z2-7]{4}-){3}[a-z2-7]{4}\b", response.text)
    assert len(matches) == 10
    assert not any(code in first for code in matches)


def test_members_without_it_are_led_to_set_it_up(
    visitor: Visitor, sqlite_app: Flask, ada: User, organization: Any
) -> None:
    visitor.sign_in(ADA, PASSWORD)
    require(organization)
    for path in ("/", "/deliveries", "/webhooks", "/settings", "/settings/account", "/test-inbox"):
        response = visitor.get(path)
        assert (response.status_code, response.location) == (303, PAGE), path
    part = visitor.get("/deliveries", headers={"HX-Request": "true"})
    assert (part.status_code, part.headers["HX-Redirect"]) == (403, PAGE)
    assert f"{organization.name} requires it" in visitor.get(PAGE).text
    assert visitor.get("/sign-in").status_code == 303
    enrol(visitor, ada.id)
    assert visitor.get("/deliveries").status_code == 200


def test_another_organization_can_be_opened_instead(
    visitor: Visitor, ada: User, organization: Any
) -> None:
    from app.services.accounts import members

    second = organizations.create("Second")
    with write_transaction() as session:
        members.add(session, second.id, ada.id, "viewer", SYSTEM)
    require(organization)
    visitor.sign_in(ADA, PASSWORD)
    assert "Open Second instead" in visitor.get(PAGE).text
    assert visitor.post(PAGE, f"/organization/{second.id}").location == "/"
    assert visitor.get("/deliveries").status_code == 200
    visitor.post("/settings", f"/organization/{organization.id}")
    assert visitor.get("/deliveries").location == PAGE


def test_a_locked_member_can_sign_out(visitor: Visitor, ada: User, organization: Any) -> None:
    require(organization)
    visitor.sign_in(ADA, PASSWORD)
    assert visitor.post(PAGE, "/sign-out").location == "/sign-in"
    assert visitor.get(PAGE).location.startswith("/sign-in")


def test_an_owner_requires_it_after_setting_it_up(
    visitor: Visitor, ada: User, organization: Any
) -> None:
    visitor.sign_in(ADA, PASSWORD)
    refused = visitor.post("/settings", "/settings/two-factor", required="y")
    assert refused.status_code == 422
    assert "for your own account first" in refused.text
    enrol(visitor, ada.id)
    assert visitor.post("/settings", "/settings/two-factor", required="y").status_code == 303
    assert "checked" in visitor.get("/settings").text
    stored = accounts.organization(organization.id)
    assert stored
    assert stored.requires_two_factor
    visitor.post("/settings", "/settings/two-factor")
    assert not stored.requires_two_factor


def test_only_owners_may_require_it(viewer: Visitor) -> None:
    assert viewer.post("/settings", "/settings/two-factor", required="y").status_code == 403


def test_openid_connect_asks_for_the_code_too(start: Start, issuer: HostileIssuer) -> None:
    visitor = start()
    oidc_flow.sign_in(visitor, issuer)
    ada = accounts.user_by_email(ADA)
    assert ada
    phone = with_app(ada)
    assert oidc_flow.sign_in(visitor, issuer).location == STEP
    assert visitor.get("/settings").status_code == 303
    visitor.post(STEP, code=phone.fresh_code())
    assert visitor.get("/settings").status_code == 200
    assert "Code</label>" in visitor.get(PAGE).text
