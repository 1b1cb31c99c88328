from typing import Any

from flask import Flask
from sqlalchemy import select

from app.domain.common.ids import new_id
from app.models import User
from app.models.base import db
from app.queries import accounts
from app.runtime.context import runtime
from app.services.accounts import api_keys, first_run, organizations, sign_in, users
from app.services.accounts.actor import SYSTEM
from tests.services.people import PASSWORD


def first_user() -> User:
    return db.session.scalars(select(User)).one()


def test_the_first_run_creates_an_owner_and_an_organization(app: Flask) -> None:
    token = first_run.link_token()
    assert token
    user = sign_in.with_link(token, None)
    ((membership, organization),) = accounts.memberships_of(user.id)
    assert (membership.role, organization.name) == ("owner", "My organization")


def test_a_second_run_creates_nobody_else(app: Flask) -> None:
    tokens = [first_run.link_token(), first_run.link_token()]
    assert all(tokens)
    assert len(accounts.organizations(10).rows) == 1
    assert sign_in.with_link(str(tokens[0]), None).id == first_user().id


def test_an_owner_without_a_password_gets_another_link(app: Flask) -> None:
    sign_in.with_link(str(first_run.link_token()), None)
    assert first_run.link_token()
    users.settle(first_user().id, "ada@example.com", "Ada", PASSWORD, SYSTEM)
    assert first_run.link_token() is None


def test_an_existing_organization_is_used(app: Flask, organization: Any) -> None:
    first_run.link_token()
    assert [o.id for o in accounts.organizations(10).rows] == [organization.id]
    assert accounts.membership(organization.id, first_user().id)


def test_the_demo_key_is_stable_and_private(app: Flask) -> None:
    first_run.link_token()
    key = first_run.demo_key()
    assert key
    assert first_run.demo_key() == key
    file = runtime().settings.data_dir / "demo-key"
    assert file.stat().st_mode & 0o777 == 0o600
    principal = api_keys.authenticate(key)
    assert principal is not None
    assert principal.scopes == ("events:write",)


def test_without_an_organization_there_is_no_demo_key(app: Flask) -> None:
    assert first_run.demo_key() is None


def test_a_revoked_demo_key_is_not_replaced(app: Flask, organization: Any) -> None:
    principal = api_keys.authenticate(str(first_run.demo_key()))
    assert principal is not None
    api_keys.revoke(organization.id, str(principal.key_id), SYSTEM)
    assert first_run.demo_key() is None


def test_the_key_of_another_database_is_replaced(app: Flask, organization: Any) -> None:
    stale = f"cb_{new_id().replace('-', '')}_secret"
    for content in (stale, "", "nonsense", "\x00"):
        (runtime().settings.data_dir / "demo-key").write_text(content)
        assert api_keys.authenticate(str(first_run.demo_key()))


def test_later_organizations_do_not_change_the_demo_key(app: Flask, organization: Any) -> None:
    key = first_run.demo_key()
    organizations.create("Later")
    assert first_run.demo_key() == key
