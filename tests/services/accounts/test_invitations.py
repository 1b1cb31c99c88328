from typing import Any

import pytest
from flask import Flask

from app.domain.common.errors import Conflict, Forbidden, Invalid, NotFound, Unauthorized
from app.queries.accounts import users as accounts
from app.services.accounts import invitations, organizations
from app.services.accounts.actor import SYSTEM
from app.services.sign_in import first_factor
from tests.services.people import PASSWORD, person


def invite(organization: Any, email: str = "bob@example.com", role: str = "member") -> str:
    return invitations.create(organization.id, email, role, SYSTEM)[1]


def test_a_new_user_joins_with_a_name_and_a_password(app: Flask, organization: Any) -> None:
    user = invitations.accept(invite(organization, role="viewer"), "Bob", PASSWORD, None)
    membership = accounts.membership(organization.id, user.id)
    assert membership is not None
    assert membership.role == "viewer"
    assert first_factor.with_password("bob@example.com", PASSWORD, None).id == user.id


def test_an_invitation_works_once(app: Flask, organization: Any) -> None:
    token = invite(organization)
    invitations.accept(token, "Bob", PASSWORD, None)
    for again in (
        lambda: invitations.read(token),
        lambda: invitations.accept(token, "Eve", PASSWORD, None),
    ):
        with pytest.raises(Unauthorized):
            again()


def test_an_invitation_cannot_set_an_existing_users_password(app: Flask, organization: Any) -> None:
    person("bob@example.com", password=PASSWORD)
    token = invite(organization)
    assert invitations.read(token).has_account
    with pytest.raises(Conflict):
        invitations.accept(token, "Eve", "a password of eve's", None)
    assert first_factor.with_password("bob@example.com", PASSWORD, None)


def test_an_existing_user_joins_while_signed_in(app: Flask, organization: Any) -> None:
    bob, eve = person("bob@example.com"), person("eve@example.com")
    token = invite(organization)
    with pytest.raises(Forbidden):
        invitations.accept_as(token, eve.id, None)
    assert invitations.accept_as(token, bob.id, None).id == organization.id
    assert accounts.membership(organization.id, bob.id)
    assert accounts.membership(organization.id, eve.id) is None


def test_a_revoked_invitation_is_rejected(app: Flask, organization: Any) -> None:
    invitation, token = invitations.create(organization.id, "bob@example.com", "owner", SYSTEM)
    invitations.revoke(organization.id, invitation.id, SYSTEM)
    with pytest.raises(Unauthorized):
        invitations.read(token)


def test_a_new_invitation_invalidates_the_previous_link(app: Flask, organization: Any) -> None:
    former, latter = invite(organization), invite(organization)
    with pytest.raises(Unauthorized):
        invitations.read(former)
    assert invitations.read(latter)
    assert len(accounts.invitations(organization.id)) == 1


def test_a_former_member_can_be_invited_again(app: Flask, organization: Any) -> None:
    from app.services.accounts import members

    user = invitations.accept(invite(organization), "Bob", PASSWORD, None)
    members.remove(organization.id, user.id, SYSTEM)
    invitations.accept_as(invite(organization), user.id, None)
    assert accounts.membership(organization.id, user.id)


def test_a_member_is_not_invited(sqlite_app: Flask, organization: Any) -> None:
    person("bob@example.com", organization.id)
    with pytest.raises(Invalid):
        invite(organization, "BOB@example.com")


@pytest.mark.parametrize(("email", "role"), [("nope", "member"), ("b@c.d", "king"), ("b@c.d", "")])
def test_an_invalid_address_or_role_is_rejected(
    sqlite_app: Flask, organization: Any, email: str, role: str
) -> None:
    with pytest.raises(Invalid):
        invite(organization, email, role)


@pytest.mark.parametrize("token", ["", "x.y.z", "\ud800", "é"])
def test_a_forged_link_is_rejected(sqlite_app: Flask, token: str) -> None:
    with pytest.raises(Unauthorized):
        invitations.read(token)


def test_another_organizations_invitation_is_not_found(app: Flask, organization: Any) -> None:
    invitation, token = invitations.create(organization.id, "bob@example.com", "member", SYSTEM)
    with pytest.raises(NotFound):
        invitations.revoke(organizations.create("Other").id, invitation.id, SYSTEM)
    assert invitations.read(token)
