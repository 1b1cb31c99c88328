"""The pages of the API reference, and the key that they make."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from app.domain.common.errors import Unauthorized
from app.models import ApiKey, AuditEntry, User, UserSession
from app.models.common.base import db
from app.services.accounts import members, organizations, platform_owners, reference_keys, users
from app.services.accounts.actor import SYSTEM
from app.services.sign_in import first_factor, link_tokens, password_resets, sessions, two_factor
from tests.services.people import PASSWORD, person, with_app
from tests.web.conftest import visitor_as
from tests.web.visitor import Visitor

PAGE = "/api-reference/listDeliveries"


def key_of(visitor: Visitor) -> str:
    response = visitor.post(PAGE, "/api-reference/key")
    assert response.status_code == 200, response.text
    assert "no-store" in response.headers["Cache-Control"]
    key: str = response.json["key"]
    return key


def status(app: Flask, key: str, method: str = "GET", path: str = "/deliveries") -> int:
    headers = {"Authorization": f"Bearer {key}"}
    with app.app_context():
        return app.test_client().open(f"/api/v1{path}", method=method, headers=headers).status_code


def session_of(user: User) -> str:
    return db.session.query(UserSession).filter_by(user_id=user.id).one().id


def rows() -> list[ApiKey]:
    return [row for row in db.session.query(ApiKey) if row.user_id is not None]


def test_operations_are_listed_and_found(viewer: Visitor) -> None:
    assert "List deliveries" in viewer.get("/api-reference").text
    page = viewer.get("/api-reference?q=rotate").text
    assert "List deliveries" not in page
    assert "No matches" in viewer.get("/api-reference?q=nonsense").text


def test_an_operation_is_shown_with_samples_and_a_form(owner: Visitor) -> None:
    page = owner.get("/api-reference/createEvent").text
    for words in ("Post an event", "curl -X POST", "requests.request", "await fetch", "Try it"):
        assert words in page
    assert 'data-path="/api/v1/events"' in page
    assert owner.get("/api-reference/nothing").status_code == 404


def test_what_the_role_does_not_allow_cannot_be_sent(viewer: Visitor) -> None:
    page = viewer.get("/api-reference/createEvent").text
    assert "Your role does not have" in page
    assert "data-path" not in page
    assert "need a platform key" in viewer.get("/api-reference/createOrganization").text


@pytest.mark.parametrize(("role", "writes"), [("viewer", 403), ("member", 202)])
def test_the_key_may_do_what_the_role_may(
    sqlite_app: Flask, organization: Any, role: str, writes: int
) -> None:
    key = key_of(visitor_as(sqlite_app, organization, role))
    assert status(sqlite_app, key) == 200
    with sqlite_app.app_context():
        response = sqlite_app.test_client().post(
            "/api/v1/events",
            json={"type": "a", "payload": {}},
            headers={"Authorization": f"Bearer {key}"},
        )
    assert response.status_code == writes
    assert status(sqlite_app, key, path="/api-keys") in (403, 404)


def test_the_key_is_listed_for_owners_and_audited(owner: Visitor, organization: Any) -> None:
    key_of(owner)
    page = owner.get("/settings/api-keys").text
    assert "API reference: owner@example.com" in page
    entries = db.session.query(AuditEntry).filter_by(action="api_key.create").all()
    assert [(entry.actor_name, entry.organization_id) for entry in entries] == [
        ("owner@example.com", organization.id)
    ]


def test_the_next_key_ends_the_one_before_and_ended_ones_are_not_listed(
    sqlite_app: Flask, owner: Visitor
) -> None:
    first, second = key_of(owner), key_of(owner)
    assert (status(sqlite_app, first), status(sqlite_app, second)) == (401, 200)
    assert owner.get("/settings/api-keys").text.count("made by the API reference") == 1


def test_signing_out_ends_the_key(sqlite_app: Flask, owner: Visitor) -> None:
    key = key_of(owner)
    owner.post("/settings/account", "/sign-out")
    assert status(sqlite_app, key) == 401


@pytest.mark.parametrize("removed", [True, False])
def test_a_change_of_the_membership_ends_the_key(
    sqlite_app: Flask, organization: Any, owner: Visitor, removed: bool
) -> None:
    key = key_of(visitor_as(sqlite_app, organization, "member"))
    user = db.session.query(User).filter_by(email="member@example.com").one()
    if removed:
        members.remove(organization.id, user.id, SYSTEM)
    else:
        members.change_role(organization.id, user.id, "viewer", SYSTEM)
    assert status(sqlite_app, key) == 401
    assert key_of(owner)


def changed_password(owner: Visitor, user: User) -> None:
    users.change_password(user.id, PASSWORD, "seven wild geese fly", SYSTEM)


def reset_password(owner: Visitor, user: User) -> None:
    password_resets.reset(link_tokens.password_reset(user), "seven wild geese fly", None)


def revoked_session(owner: Visitor, user: User) -> None:
    owner.post("/settings/account", f"/settings/account/sessions/{session_of(user)}/revoke")


def signed_out_everywhere(owner: Visitor, user: User) -> None:
    owner.post("/settings/account", "/settings/account/sign-out-everywhere")


def signed_in_as_another(owner: Visitor, user: User) -> None:
    other = person("other@example.com")
    owner.get(f"/sign-in/link/{first_factor.make_link(other)}")


@pytest.mark.parametrize(
    "end",
    [
        changed_password,
        reset_password,
        revoked_session,
        signed_out_everywhere,
        signed_in_as_another,
    ],
)
def test_what_ends_the_session_ends_the_key(
    sqlite_app: Flask, owner: Visitor, end: Callable[[Visitor, User], None]
) -> None:
    key = key_of(owner)
    end(owner, db.session.query(User).filter_by(email="owner@example.com").one())
    assert status(sqlite_app, key) == 401


@pytest.mark.parametrize("by_operator", [False, True])
def test_turning_two_factor_authentication_off_ends_the_key(
    sqlite_app: Flask, organization: Any, by_operator: bool
) -> None:
    ada = person("ada@example.com", organization.id, "member", PASSWORD)
    with_app(ada)
    session_id = sessions.begin(ada.id, None, "", remembered=False)
    key = reference_keys.create(organization.id, ada.id, session_id, SYSTEM).key
    assert status(sqlite_app, key) == 200
    if by_operator:
        two_factor.remove(ada.id, SYSTEM)
    else:
        two_factor.disable(ada.id, PASSWORD, SYSTEM)
    assert status(sqlite_app, key) == 401


@pytest.mark.parametrize("demoted", [True, False])
def test_the_key_of_a_visited_organization_ends_with_the_visit(
    sqlite_app: Flask, organization: Any, owner: Visitor, demoted: bool
) -> None:
    platform_owners.grant("owner@example.com", SYSTEM)
    other = organizations.create("Other")
    page = f"/platform/organizations/{other.id}"
    owner.post(page, f"{page}/enter")
    key = key_of(owner)
    assert status(sqlite_app, key) == 200
    if demoted:
        platform_owners.grant(person("second@example.com").email, SYSTEM)
        platform_owners.revoke("owner@example.com", SYSTEM)
    else:
        owner.post("/settings/account", "/platform/leave")
    assert status(sqlite_app, key) == 401


def test_the_role_counts_when_the_key_is_made(organization: Any, owner: Visitor) -> None:
    second = person("second@example.com", organization.id, "owner", PASSWORD)
    session_id = sessions.begin(second.id, None, "", remembered=False)
    members.change_role(organization.id, second.id, "viewer", SYSTEM)
    new = reference_keys.create(organization.id, second.id, session_id, SYSTEM)
    assert new.row.scopes == ["deliveries:read"]
    members.remove(organization.id, second.id, SYSTEM)
    with pytest.raises(Unauthorized):
        reference_keys.create(organization.id, second.id, session_id, SYSTEM)


def test_no_key_is_made_without_the_pages_token(owner: Visitor) -> None:
    assert owner.send("/api-reference/key").status_code == 303
    assert rows() == []
