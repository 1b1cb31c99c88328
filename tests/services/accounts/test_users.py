from typing import Any

import pytest
from flask import Flask

from app.domain.common.errors import Conflict, Invalid, NotFound, Unauthorized
from app.domain.common.ids import new_id
from app.services.accounts import users
from app.services.accounts.actor import SYSTEM
from app.services.sign_in import first_factor, passwords
from tests.services.people import PASSWORD, person

NEW = "another fine password"


def test_the_first_owner_fills_in_their_account(app: Flask, organization: Any) -> None:
    newcomer = person("owner@localhost", organization.id)
    user = users.settle(newcomer.id, "ada@example.com", "Ada", PASSWORD, SYSTEM)
    assert (user.email, user.name) == ("ada@example.com", "Ada")
    assert first_factor.with_password("ada@example.com", PASSWORD, None).id == newcomer.id


def test_completing_the_account_twice_is_a_conflict(app: Flask) -> None:
    user = person("ada@example.com", password=PASSWORD)
    with pytest.raises(Conflict):
        users.settle(user.id, "eve@example.com", "Eve", NEW, SYSTEM)


def test_all_errors_are_reported_at_once(sqlite_app: Flask) -> None:
    user = person("owner@localhost")
    with pytest.raises(Invalid) as caught:
        users.settle(user.id, "nope", "", "short", SYSTEM)
    assert [error.field for error in caught.value.errors] == ["email", "name", "password"]


def test_an_email_belongs_to_one_user(app: Flask) -> None:
    ada, bob = person("ada@example.com"), person("bob@example.com")
    for change in (
        lambda: users.change_profile(bob.id, "ADA@example.com", "Bob", SYSTEM),
        lambda: users.settle(bob.id, ada.email, "Bob", PASSWORD, SYSTEM),
    ):
        with pytest.raises(Invalid) as caught:
            change()
        assert caught.value.errors[0].code == "taken"
    assert users.change_profile(ada.id, "ada@example.com", "Ada L.", SYSTEM).name == "Ada L."


def test_a_new_password_ends_sessions_and_links(app: Flask) -> None:
    user = person("ada@example.com", password=PASSWORD)
    link, serial = first_factor.make_link(user), user.session_serial
    changed = users.change_password(user.id, PASSWORD, NEW, SYSTEM)
    assert changed.session_serial > serial
    with pytest.raises(Unauthorized):
        first_factor.with_link(link, None)
    assert passwords.matches(changed.password_hash, NEW)


@pytest.mark.parametrize(("current", "new"), [("wrong password", NEW), (PASSWORD, "short")])
def test_changing_a_password_needs_the_current_and_a_strong_new_one(
    sqlite_app: Flask, current: str, new: str
) -> None:
    user = person("ada@example.com", password=PASSWORD)
    with pytest.raises(Invalid):
        users.change_password(user.id, current, new, SYSTEM)
    assert first_factor.with_password("ada@example.com", PASSWORD, None)


def test_an_unknown_user_is_not_found(sqlite_app: Flask) -> None:
    with pytest.raises(NotFound):
        users.change_password(new_id(), PASSWORD, NEW, SYSTEM)
