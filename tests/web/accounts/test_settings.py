import re
from html import unescape
from typing import Any

import pytest
from flask import Flask

from app.queries.accounts import users as accounts
from app.services.accounts import api_keys, invitations, organizations
from app.services.accounts.actor import SYSTEM
from tests.services.people import PASSWORD, person
from tests.web.conftest import visitor_as
from tests.web.visitor import Visitor

UNKNOWN_ID = "0198c1f0-6e1f-7c3a-9b1e-2f0c5a7d4e11"


def shown(page: Any, name: str) -> str:
    """What stands to be copied under this id."""
    match = re.search(rf'<code id="{name}"[^>]*>([^<]+)</code>', page.text)
    assert match, page.text
    return unescape(match[1])


def user_id(email: str) -> str:
    user = accounts.user_by_email(email)
    assert user
    return user.id


def test_a_key_is_shown_once_and_works(owner: Visitor, organization: Any) -> None:
    page = owner.post("/settings/api-keys", name="Farm", access="all", lifetime="")
    assert page.headers["Cache-Control"] == "no-store"
    key = shown(page, "made-key")
    principal = api_keys.authenticate(key)
    assert principal is not None
    assert (principal.organization_id, principal.scopes) == (organization.id, None)
    secret = shown(page, "made-secret")
    assert secret in key
    assert secret not in owner.get("/settings/api-keys").text


def test_a_key_can_be_narrowed_and_expire(owner: Visitor) -> None:
    fields = {"name": "Read", "access": "some", "scopes": ["deliveries:read"], "lifetime": "30"}
    page = owner.post("/settings/api-keys", **fields)
    principal = api_keys.authenticate(shown(page, "made-key"))
    assert principal is not None
    assert principal.scopes == ("deliveries:read",)


@pytest.mark.parametrize(
    "fields",
    [
        {"name": "", "access": "all", "lifetime": ""},
        {"name": "x\x00", "access": "all", "lifetime": ""},
        {"name": "x", "access": "some", "lifetime": ""},
        {"name": "x", "access": "some", "scopes": "nope", "lifetime": ""},
        {"name": "x", "access": "nope", "lifetime": ""},
        {"name": "x", "access": "all", "lifetime": "9" * 30},
        {"name": "x" * 201, "access": "all", "lifetime": ""},
        {},
    ],
)
def test_an_invalid_key_is_rejected(
    owner: Visitor, organization: Any, fields: dict[str, str]
) -> None:
    response = owner.post("/settings/api-keys", **fields)
    assert response.status_code == 422
    assert "Not saved." in response.text
    assert not accounts.api_keys(organization.id)


def test_revoking_asks_for_confirmation(owner: Visitor, api_key: Any) -> None:
    path = f"/settings/api-keys/{api_key.id}/revoke"
    assert owner.get(path).status_code == 200
    assert api_keys.authenticate(api_key.key)
    assert owner.post(path).status_code == 303
    assert api_keys.authenticate(api_key.key) is None


def test_an_invitation_is_a_link_to_pass_on(owner: Visitor, sqlite_app: Flask) -> None:
    page = owner.post(
        "/settings/members", "/settings/members/invitations", email="bob@example.com", role="viewer"
    )
    link = shown(page, "invitation-link")
    path = link.removeprefix("http://127.0.0.1:8000")
    newcomer = Visitor(sqlite_app)
    assert newcomer.post(path, name="", password="x").status_code == 422
    assert newcomer.post(path, name="Bob", password=PASSWORD).location == "/"
    assert newcomer.get("/settings").status_code == 200
    assert newcomer.get("/settings/api-keys").status_code == 403
    assert Visitor(sqlite_app).get(path).status_code == 410


def test_an_existing_user_signs_in_to_accept_an_invitation(
    sqlite_app: Flask, organization: Any
) -> None:
    other = organizations.create("Other")
    bob = visitor_as(sqlite_app, organization, "member")
    path = f"/invitations/{invitations.create(other.id, 'member@example.com', 'owner', SYSTEM)[1]}"
    stranger = Visitor(sqlite_app)
    assert "/sign-in?next=" in stranger.get(path).text
    assert stranger.post("/sign-in", path).location.startswith("/sign-in?next=/invitations/")
    eve = visitor_as(sqlite_app, organization, "viewer")
    assert "for another address" in eve.get(path).text
    assert eve.post("/settings", path).status_code == 403
    assert bob.post(path).location == "/"
    assert other.id in bob.get("/settings").text


def test_a_forged_invitation_has_expired(sqlite_app: Flask) -> None:
    for token in ("x", "a.b.c", "%ed%a0%80", "ä"):
        assert Visitor(sqlite_app).get(f"/invitations/{token}").status_code == 410


def test_roles_are_changed_and_members_removed(owner: Visitor, organization: Any) -> None:
    bob = person("bob@example.com", organization.id)
    owner.post("/settings/members", f"/settings/members/{bob.id}/role", role="viewer")
    assert ("viewer", bob.id) in {(m.role, u.id) for m, u in accounts.members(organization.id)}
    path = f"/settings/members/{bob.id}/remove"
    assert owner.get(path).status_code == 200
    owner.post(path)
    assert bob.id not in {u.id for _, u in accounts.members(organization.id)}


def test_removing_the_last_owner_is_refused_with_a_reason(owner: Visitor) -> None:
    me = user_id("owner@example.com")
    owner.post("/settings/members", f"/settings/members/{me}/role", role="viewer")
    owner.post(f"/settings/members/{me}/remove")
    assert "needs an owner" in owner.get("/settings/members").text


def test_the_callback_secret_is_hidden_until_it_is_revealed(
    owner: Visitor, organization: Any
) -> None:
    secret = organizations.callback_secret(organization.id)
    assert secret not in owner.get("/settings").text
    assert shown(owner.post("/settings", "/settings/callback-secret"), "callback-secret") == secret
    rotated = owner.post("/settings", "/settings/callback-secret/rotate")
    assert shown(rotated, "callback-secret") == organizations.callback_secret(organization.id)
    assert shown(rotated, "callback-secret") != secret


def test_the_organization_can_be_renamed(owner: Visitor, organization: Any) -> None:
    assert owner.post("/settings", name="Acme <Film>").status_code == 303
    assert "Acme &lt;Film&gt;" in owner.get("/settings").text
    assert owner.post("/settings", name="x\x00").status_code == 422


def test_a_new_password_ends_the_other_sessions(sqlite_app: Flask, owner: Visitor) -> None:
    other = Visitor(sqlite_app)
    other.sign_in("owner@example.com", PASSWORD)
    fields = {"current": PASSWORD, "new": "another fine password"}
    path = "/settings/account/password"
    assert owner.post("/settings/account", path, current="wrong", new="x" * 9).status_code == 422
    assert owner.post("/settings/account", path, **fields).status_code == 303
    assert owner.get("/settings").status_code == 200
    assert other.get("/settings").status_code == 303


def test_signing_out_everywhere_ends_all_sessions(sqlite_app: Flask, owner: Visitor) -> None:
    other = Visitor(sqlite_app)
    other.sign_in("owner@example.com", PASSWORD)
    owner.post("/settings/account", "/settings/account/sign-out-everywhere")
    assert [v.get("/settings").status_code for v in (owner, other)] == [303, 303]


def test_an_email_address_in_use_is_rejected(owner: Visitor, organization: Any) -> None:
    person("bob@example.com", organization.id)
    page, current = "/settings/account", {"current": PASSWORD}
    response = owner.post(page, email="bob@example.com", name="Owner", **current)
    assert response.status_code == 422
    assert owner.post(page, email="new@example.com", name="O", **current).status_code == 303


@pytest.mark.parametrize("role", ["member", "viewer"])
@pytest.mark.parametrize(
    "path",
    [
        "/settings",
        "/settings/callback-secret",
        "/settings/callback-secret/rotate",
        "/settings/api-keys",
        f"/settings/api-keys/{UNKNOWN_ID}/revoke",
        "/settings/members/invitations",
        f"/settings/members/{UNKNOWN_ID}/role",
        f"/settings/members/{UNKNOWN_ID}/remove",
        f"/settings/members/invitations/{UNKNOWN_ID}/revoke",
    ],
)
def test_only_owners_change_the_organization(
    sqlite_app: Flask, organization: Any, role: str, path: str
) -> None:
    visitor = visitor_as(sqlite_app, organization, role)
    assert visitor.post("/settings", path, name="x", email="a@b.c").status_code == 403


def test_settings_of_another_organization_are_not_found(owner: Visitor) -> None:
    other = organizations.create("Other")
    key = api_keys.create(other.id, "theirs", actor=SYSTEM)
    member = person("theirs@example.com", other.id)
    invitation, _ = invitations.create(other.id, "x@example.com", "member", SYSTEM)
    for path in (
        f"/settings/api-keys/{key.id}/revoke",
        f"/settings/members/{member.id}/remove",
        f"/settings/members/{member.id}/role",
        f"/settings/members/invitations/{invitation.id}/revoke",
    ):
        assert owner.post("/settings", path, role="viewer").status_code == 404
    assert api_keys.authenticate(key.key)


def test_a_new_email_address_requires_the_current_password(
    owner: Visitor, organization: Any
) -> None:
    page = "/settings/account"
    profile = {"email": "new@example.com", "name": "Ada"}
    refused = owner.post(page, **profile, current="not the password")
    assert refused.status_code == 422
    assert "Incorrect password." in refused.text
    assert owner.post(page, **profile).status_code == 422
    assert owner.post(page, **profile, current=PASSWORD).status_code == 303
    assert owner.post(page, email="new@example.com", name="Ada L.").status_code == 303


def test_an_owner_cannot_accept_an_invitation_for_another_address(owner: Visitor) -> None:
    page = owner.post(
        "/settings/members", "/settings/members/invitations", email="bob@example.com", role="viewer"
    )
    path = shown(page, "invitation-link").removeprefix("http://127.0.0.1:8000")
    stolen = {"name": "Not them", "password": "a long enough password"}
    assert owner.post("/settings", path, **stolen).status_code == 403
