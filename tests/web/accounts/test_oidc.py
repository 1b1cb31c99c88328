"""Who signs in with OpenID Connect, and to which account."""

from typing import Any

import pytest
from flask import Flask, current_app
from sqlalchemy import select, update

from app.models import AuditEntry, User, UserSession
from app.models.common.base import db
from app.queries.accounts import users as accounts
from app.services.accounts import invitations, members
from app.services.accounts.actor import SYSTEM
from app.services.sign_in.first_factor import make_link
from app.store.transaction import write_transaction
from tests.services.people import PASSWORD, person
from tests.support.servers.hostile_issuer import HostileIssuer
from tests.web.accounts.oidc_flow import ADA, ORGANIZATION, Start, is_signed_in, path_of, sign_in
from tests.web.visitor import Visitor


def role_of(email: str) -> str | None:
    user = accounts.user_by_email(email)
    row = user and accounts.membership(ORGANIZATION, user.id)
    return row.role if row else None


def actions() -> list[str]:
    return list(db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))


def test_the_button_bears_the_name_and_keeps_the_page(start: Start) -> None:
    page = start().get("/sign-in?next=/deliveries").text
    assert "Sign in with Example ID" in page
    assert 'href="/sign-in/oidc?next=/deliveries"' in page


def test_without_an_issuer_nothing_is_offered(sqlite_app: Flask) -> None:
    visitor = Visitor(sqlite_app)
    assert "/sign-in/oidc" not in visitor.get("/sign-in").text
    assert visitor.get("/sign-in/oidc").status_code == 404
    assert visitor.get("/sign-in/oidc/callback?state=a&code=b").status_code == 404


def test_the_first_sign_in_creates_an_account_in_the_domains_organization(
    start: Start, issuer: HostileIssuer
) -> None:
    visitor = start()
    there = visitor.get("/sign-in/oidc?next=/deliveries?state=failed")
    back = visitor.get(path_of(issuer.authorize(there.location, "ada", **ADA)))
    assert (back.status_code, back.location) == (303, "/deliveries?state=failed")
    assert is_signed_in(visitor)
    assert role_of("ada@example.com") == "viewer"
    assert actions()[-2:] == ["member.create", "user.sign_in"]


def test_a_very_long_path_back_is_dropped(start: Start, issuer: HostileIssuer) -> None:
    visitor = start()
    there = visitor.get(f"/sign-in/oidc?next=/deliveries?q={'x' * 5000}")
    back = visitor.get(path_of(issuer.authorize(there.location, "ada", **ADA)))
    assert (back.status_code, back.location) == (303, "/")


@pytest.mark.parametrize("value", [True, "true", "1", 1])
def test_a_domain_that_entra_id_has_verified_counts(
    start: Start, issuer: HostileIssuer, value: object
) -> None:
    visitor = start()
    sign_in(visitor, issuer, email="ada@example.com", xms_edov=value)
    assert is_signed_in(visitor)


def test_the_default_role_is_a_setting(start: Start, issuer: HostileIssuer) -> None:
    sign_in(start(OIDC_DEFAULT_ROLE="member"), issuer)
    assert role_of("ada@example.com") == "member"


def test_the_subject_identifies_a_person_whose_address_changes(
    start: Start, issuer: HostileIssuer
) -> None:
    visitor = start()
    sign_in(visitor, issuer)
    first = accounts.user_by_email("ada@example.com")
    again = start()
    sign_in(again, issuer, email="ada.lovelace@example.com", email_verified=True)
    renamed = accounts.user_by_email("ada.lovelace@example.com")
    assert first is not None
    assert renamed is not None
    assert renamed.id == first.id


def test_somebody_else_with_the_same_address_does_not_get_the_account(
    start: Start, issuer: HostileIssuer
) -> None:
    sign_in(start(), issuer)
    other = start()
    response = sign_in(other, issuer, "mallory", **ADA)
    assert response.status_code == 403
    assert "belongs to another person" in response.text
    assert not is_signed_in(other)


def test_linking_an_account_removes_what_its_previous_holder_could_use(
    start: Start, issuer: HostileIssuer
) -> None:
    visitor, before = start(), start()
    person("ada@example.com", ORGANIZATION, "owner", PASSWORD)
    before.sign_in("ada@example.com", PASSWORD)
    with write_transaction() as session:
        session.execute(update(User).values(totp_confirmed_at=1))
    assert sign_in(visitor, issuer).status_code == 303
    assert is_signed_in(visitor)
    assert not is_signed_in(before)
    user = accounts.user_by_email("ada@example.com")
    assert user is not None
    assert user.password_hash is None
    assert not user.has_two_factor
    assert role_of("ada@example.com") == "owner"
    assert "user.link_identity" in actions()


def test_a_domain_without_an_organization_needs_an_invitation(
    start: Start, issuer: HostileIssuer
) -> None:
    visitor = start()
    bob = {"email": "bob@partner.example", "email_verified": True}
    response = sign_in(visitor, issuer, "bob", **bob)
    assert (response.status_code, "invite you" in response.text) == (403, True)
    invitations.create(ORGANIZATION, "bob@partner.example", "member", SYSTEM)
    assert sign_in(visitor, issuer, "bob", **bob).status_code == 303
    assert role_of("bob@partner.example") == "member"
    assert is_signed_in(visitor)


def test_a_removed_member_stays_removed(start: Start, issuer: HostileIssuer) -> None:
    visitor, again = start(), start()
    sign_in(visitor, issuer)
    user = accounts.user_by_email("ada@example.com")
    assert user is not None
    members.remove(ORGANIZATION, user.id, SYSTEM)
    assert not is_signed_in(visitor)
    assert db.session.scalars(select(UserSession)).all() == []
    sign_in(again, issuer)
    assert role_of("ada@example.com") is None
    assert again.get("/").status_code == 403


CLAIM = {
    "OIDC_ROLE_CLAIM": "realm_access.roles",
    "OIDC_ROLES": "boss=owner,staff=member,ops=platform",
}


def with_roles(*roles: str) -> dict[str, Any]:
    return {**ADA, "realm_access": {"roles": [*roles, "something else"]}}


def test_the_claim_decides_the_role_at_every_sign_in(start: Start, issuer: HostileIssuer) -> None:
    visitor = start(**CLAIM)
    person("first@example.com", ORGANIZATION, "owner")
    sign_in(visitor, issuer, **with_roles("staff", "boss"))
    assert role_of("ada@example.com") == "owner"
    sign_in(start(**CLAIM), issuer, **with_roles("staff"))
    assert role_of("ada@example.com") == "member"
    assert "member.update" in actions()


def test_the_claim_does_not_demote_the_last_owner(start: Start, issuer: HostileIssuer) -> None:
    sign_in(start(**CLAIM), issuer, **with_roles("boss"))
    sign_in(start(**CLAIM), issuer, **with_roles("staff"))
    assert role_of("ada@example.com") == "owner"


def test_nobody_without_a_role_signs_in(start: Start, issuer: HostileIssuer) -> None:
    visitor = start(**CLAIM)
    for claims in (with_roles(), ADA, {**ADA, "realm_access": "boss"}):
        response = sign_in(visitor, issuer, **claims)
        assert (response.status_code, "no role for Callboard" in response.text) == (403, True)
    assert accounts.user_by_email("ada@example.com") is None


def test_losing_the_role_ends_the_sessions(start: Start, issuer: HostileIssuer) -> None:
    before, after = start(**CLAIM), start(**CLAIM)
    sign_in(before, issuer, **with_roles("boss"))
    assert is_signed_in(before)
    assert sign_in(after, issuer, **with_roles()).status_code == 403
    assert not is_signed_in(before)
    assert actions()[-1] == "user.sign_in_refused"


def test_the_claim_makes_platform_owners_and_unmakes_all_but_the_last(
    start: Start, issuer: HostileIssuer
) -> None:
    def is_platform_owner() -> bool:
        user = accounts.user_by_email("ada@example.com")
        assert user is not None
        return user.is_platform_owner

    sign_in(start(**CLAIM), issuer, **with_roles("ops", "staff"))
    assert is_platform_owner()
    sign_in(start(**CLAIM), issuer, **with_roles("staff"))
    assert is_platform_owner()
    sign_in(
        start(**CLAIM),
        issuer,
        "eve",
        **{**with_roles("ops"), "email": "eve@example.com"},
    )
    sign_in(start(**CLAIM), issuer, **with_roles("staff"))
    assert not is_platform_owner()
    assert actions().count("platform_owner.delete") == 1


def test_claims_that_the_token_lacks_come_from_the_userinfo_endpoint(
    start: Start, issuer: HostileIssuer
) -> None:
    visitor = start()
    issuer.userinfo = {"sub": "ada", **ADA}
    assert sign_in(visitor, issuer, name="Ada").status_code == 303
    assert is_signed_in(visitor)
    issuer.userinfo = {"sub": "somebody else", **ADA}
    response = sign_in(start(), issuer, name="Ada")
    assert (response.status_code, "another person" in response.text) == (502, True)


def test_without_passwords_only_the_issuer_and_one_time_links_sign_in(
    start: Start, issuer: HostileIssuer
) -> None:
    visitor = start(PASSWORD_SIGN_IN="off")
    person("ada@example.com", ORGANIZATION, "owner", PASSWORD)
    page = visitor.get("/sign-in").text
    assert 'name="password"' not in page
    current_app.config["WTF_CSRF_ENABLED"] = False
    response = visitor.send("/sign-in", email="ada@example.com", password=PASSWORD)
    assert (response.status_code, "Sign in with Example ID" in response.text) == (403, True)
    user = accounts.user_by_email("ada@example.com")
    assert user is not None
    other = start(PASSWORD_SIGN_IN="off")
    assert other.get(f"/sign-in/link/{make_link(user)}").location == "/"
    assert is_signed_in(other)
    assert sign_in(visitor, issuer).status_code == 303
    assert "Change password" not in visitor.get("/settings/account").text
