from typing import Any

import pytest
from flask import Flask

from app.services.accounts import first_run, organizations
from app.services.sign_in import first_factor
from app.web.common.local_paths import local_path
from tests.services.people import PASSWORD, person
from tests.web.visitor import Visitor

ADA = "ada@example.com"


@pytest.fixture
def ada(sqlite_app: Flask, organization: Any) -> Any:
    return person(ADA, organization.id, "owner", PASSWORD)


@pytest.fixture
def visitor(sqlite_app: Flask) -> Visitor:
    return Visitor(sqlite_app)


def is_signed_in(visitor: Visitor) -> bool:
    return visitor.get("/settings").status_code == 200


def test_a_page_redirects_to_sign_in_and_back(visitor: Visitor, ada: Any) -> None:
    sent = visitor.get("/deliveries?state=failed&q=ä")
    assert sent.status_code == 303
    response = visitor.post(
        sent.location, "/sign-in", email=ADA, password=PASSWORD, next="/deliveries?state=failed"
    )
    assert (response.status_code, response.location) == (303, "/deliveries?state=failed")
    assert is_signed_in(visitor)


def test_the_sign_in_form_contains_the_requested_page(visitor: Visitor, ada: Any) -> None:
    page = visitor.get(visitor.get("/deliveries?state=failed").location)
    assert 'value="/deliveries?state=failed"' in page.text


@pytest.mark.parametrize(
    "target",
    [
        *("//evil.example", "/\\evil.example", "https://evil.example", "evil", "", None),
        *("/\t/evil.example", "/\n/evil.example", "javascript:alert(1)", "\\\\evil.example"),
    ],
)
def test_the_redirect_after_sign_in_stays_on_this_site(target: str | None) -> None:
    assert local_path(target) is None


def test_a_wrong_password_shows_an_error_and_keeps_the_email(visitor: Visitor, ada: Any) -> None:
    response = visitor.post("/sign-in", email=ADA, password="wrong password")
    assert response.status_code == 422
    assert first_factor.WRONG_PASSWORD in response.text
    assert f'value="{ADA}"' in response.text
    assert "wrong password" not in response.text
    assert not is_signed_in(visitor)


def test_too_many_attempts_show_when_to_retry(visitor: Visitor, ada: Any) -> None:
    for _ in range(first_factor.PER_USER_AND_ADDRESS.attempts):
        visitor.post("/sign-in", email=ADA, password="wrong password")
    response = visitor.post("/sign-in", email=ADA, password=PASSWORD)
    assert response.status_code == 429
    assert 0 < int(response.headers["Retry-After"]) <= 900


def test_a_form_without_its_token_does_nothing(visitor: Visitor, ada: Any) -> None:
    visitor.send("/sign-in", email=ADA, password=PASSWORD)
    assert not is_signed_in(visitor)


def test_signing_in_starts_a_new_session(visitor: Visitor, ada: Any) -> None:
    visitor.get("/sign-in")
    with visitor.client.session_transaction() as session:
        session["planted"] = "by somebody else"
        token = session["csrf_token"]
    visitor.sign_in(ADA, PASSWORD)
    visitor.get("/settings")
    with visitor.client.session_transaction() as session:
        assert "planted" not in session
        assert session["csrf_token"] != token


def test_the_cookie_is_httponly_and_same_site(visitor: Visitor, ada: Any) -> None:
    cookie = visitor.sign_in(ADA, PASSWORD).headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_signing_out_ends_the_session(visitor: Visitor, ada: Any) -> None:
    visitor.sign_in(ADA, PASSWORD)
    assert visitor.post("/settings", "/sign-out").location == "/sign-in"
    assert not is_signed_in(visitor)


def test_a_link_signs_in_once(sqlite_app: Flask, ada: Any) -> None:
    path = f"/sign-in/link/{first_factor.make_link(ada)}"
    first, second = Visitor(sqlite_app), Visitor(sqlite_app)
    assert first.get(path).status_code == 303
    assert is_signed_in(first)
    assert second.get(path).location == "/sign-in"
    assert first_factor.DEAD_LINK.partition(",")[0] in second.get("/sign-in").text
    assert not is_signed_in(second)
    assert first.get(path).status_code == 303


def test_prefetching_does_not_use_up_a_link(visitor: Visitor, ada: Any) -> None:
    path = f"/sign-in/link/{first_factor.make_link(ada)}"
    visitor.client.head(path)
    visitor.get(path, headers={"Sec-Purpose": "prefetch;prerender"})
    visitor.get(path)
    assert is_signed_in(visitor)


def test_a_fragment_request_redirects_the_whole_page_to_sign_in(visitor: Visitor) -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": "http://localhost/deliveries?q=1"}
    response = visitor.get("/deliveries", headers=headers)
    assert response.status_code == 401
    assert response.headers["HX-Redirect"] == "/sign-in?next=/deliveries?q%3D1"


def test_the_first_owner_completes_the_account(sqlite_app: Flask, visitor: Visitor) -> None:
    token = first_run.link_token()
    assert visitor.get(f"/sign-in/link/{token}").location == "/welcome"
    assert "owner@localhost" not in visitor.get("/welcome").text.partition("<main")[2]
    refused = visitor.post("/welcome", email="ada", name="Ada", password="x", organization="Acme")
    assert refused.status_code == 422
    assert 'value="Ada"' in refused.text
    fields = {"email": ADA, "name": "Ada", "password": PASSWORD, "organization": "Acme"}
    assert visitor.post("/welcome", **fields).location == "/"
    assert is_signed_in(visitor)
    assert "Acme" in visitor.get("/settings").text
    assert visitor.get("/welcome").location == "/"
    assert first_run.link_token() is None
    Visitor(sqlite_app).sign_in(ADA, PASSWORD)


def test_a_restart_prints_another_link_until_the_account_is_complete(
    sqlite_app: Flask, visitor: Visitor
) -> None:
    visitor.get(f"/sign-in/link/{first_run.link_token()}")
    again = Visitor(sqlite_app)
    again.get(f"/sign-in/link/{first_run.link_token()}")
    assert is_signed_in(again)


def test_a_user_switches_only_to_their_own_organizations(visitor: Visitor, ada: Any) -> None:
    second, foreign = organizations.create("Second"), organizations.create("Foreign")
    from app.services.accounts import members
    from app.services.accounts.actor import SYSTEM
    from app.store.transaction import write_transaction

    with write_transaction() as session:
        members.add(session, second.id, ada.id, "viewer", SYSTEM)
    visitor.sign_in(ADA, PASSWORD)
    assert visitor.post("/settings", f"/organization/{foreign.id}").status_code == 404
    assert visitor.post("/settings", f"/organization/{second.id}").status_code == 303
    assert second.id in visitor.get("/settings").text
    assert visitor.get("/settings/api-keys").status_code == 403


def test_a_user_without_an_organization_sees_a_message(visitor: Visitor, sqlite_app: Flask) -> None:
    person("stray@example.com", password=PASSWORD)
    visitor.sign_in("stray@example.com", PASSWORD)
    response = visitor.get("/settings")
    assert response.status_code == 403
    assert "no longer a member of any organization" in response.text
