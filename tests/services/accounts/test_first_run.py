from typing import Any

from flask import Flask
from sqlalchemy import select

from app.models import User
from app.models.common.base import db
from app.queries.accounts import users as accounts
from app.runtime.context import runtime
from app.services.accounts import api_keys, first_run, users
from app.services.accounts.actor import SYSTEM
from app.services.sign_in import first_factor
from tests.services.people import PASSWORD, person


def first_user() -> User:
    return db.session.scalars(select(User)).one()


def test_the_first_run_creates_an_owner_and_an_organization(app: Flask) -> None:
    token = first_run.link_token()
    assert token
    user = first_factor.with_link(token, None)
    ((membership, organization),) = accounts.memberships_of(user.id)
    assert (membership.role, organization.name) == ("owner", "My organization")


def test_a_second_run_creates_nobody_else(app: Flask) -> None:
    tokens = [first_run.link_token(), first_run.link_token()]
    assert all(tokens)
    assert len(accounts.organizations(10).rows) == 1
    assert first_factor.with_link(str(tokens[0]), None).id == first_user().id


def test_an_owner_without_a_password_gets_another_link(app: Flask) -> None:
    first_factor.with_link(str(first_run.link_token()), None)
    assert first_run.link_token()
    users.settle(first_user().id, "ada@example.com", "Ada", PASSWORD, SYSTEM)
    assert first_run.link_token() is None


def test_an_existing_organization_is_used(app: Flask, organization: Any) -> None:
    first_run.link_token()
    assert [o.id for o in accounts.organizations(10).rows] == [organization.id]
    assert accounts.membership(organization.id, first_user().id)


def test_the_key_publishes_events_for_a_day_and_is_not_stored(app: Flask) -> None:
    first_run.link_token()
    key = first_run.demo_key()
    assert key
    principal = api_keys.authenticate(key)
    assert principal is not None
    assert principal.scopes == ("events:write",)
    row = accounts.api_key(principal.organization_id, str(principal.key_id))
    assert row
    assert row.expires_at is not None
    assert 0 <= row.created_at + 86_400_000 - row.expires_at < 60_000
    files = runtime().settings.data_dir.glob("*")
    assert [file for file in files if key.encode() in file.read_bytes()] == []


def test_each_start_replaces_the_key_of_the_one_before(app: Flask) -> None:
    first_run.link_token()
    first, second = first_run.demo_key(), first_run.demo_key()
    assert api_keys.authenticate(str(first)) is None
    assert api_keys.authenticate(str(second))


def test_another_key_of_the_organization_is_left_alone(app: Flask, organization: Any) -> None:
    other = api_keys.create(organization.id, "Producer", actor=SYSTEM)
    first_run.demo_key()
    first_run.demo_key()
    assert api_keys.authenticate(other.key)


def test_after_a_sign_in_there_is_no_key(app: Flask) -> None:
    first_factor.with_link(str(first_run.link_token()), None)
    assert first_run.demo_key() is None


def test_without_an_organization_there_is_no_key(app: Flask) -> None:
    assert first_run.demo_key() is None


def test_after_another_person_has_signed_in_there_is_no_link(app: Flask, organization: Any) -> None:
    assert first_run.link_token()
    person("ada@example.com", organization.id, "owner", PASSWORD)
    assert first_run.link_token()
    first_factor.with_password("ada@example.com", PASSWORD, None)
    assert first_run.link_token() is None


def test_the_file_of_an_earlier_release_is_deleted(app: Flask) -> None:
    path = runtime().settings.data_dir / "demo-key"
    path.write_text("cb_secret")
    assert first_run.remove_stored_key()
    assert not path.exists()
    assert not first_run.remove_stored_key()
