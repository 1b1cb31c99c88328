from typing import Any

import pytest
from flask import Flask

from app.domain.common.errors import Conflict, Invalid, NotFound
from app.models import User
from app.queries.accounts import users as accounts
from app.services.accounts import members, organizations
from app.services.accounts.actor import SYSTEM
from tests.services.people import person


@pytest.fixture
def owner(app: Flask, organization: Any) -> User:
    return person("ada@example.com", organization.id, "owner")


def test_the_last_owner_stays(owner: User, organization: Any) -> None:
    with pytest.raises(Conflict):
        members.remove(organization.id, owner.id, SYSTEM)
    with pytest.raises(Conflict):
        members.change_role(organization.id, owner.id, "member", SYSTEM)
    assert members.change_role(organization.id, owner.id, "owner", SYSTEM).role == "owner"


def test_one_of_two_owners_can_be_removed(owner: User, organization: Any) -> None:
    other = person("bob@example.com", organization.id)
    members.change_role(organization.id, other.id, "owner", SYSTEM)
    members.remove(organization.id, owner.id, SYSTEM)
    assert [user.id for _, user in accounts.members(organization.id)] == [other.id]


def test_an_unknown_role_is_rejected(owner: User, organization: Any) -> None:
    with pytest.raises(Invalid):
        members.change_role(organization.id, owner.id, "king", SYSTEM)


def test_another_organizations_member_is_not_found(owner: User) -> None:
    other = organizations.create("Other")
    with pytest.raises(NotFound):
        members.remove(other.id, owner.id, SYSTEM)
