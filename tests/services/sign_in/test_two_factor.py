from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.domain.common.errors import Conflict, Invalid, RateLimited, Unauthorized
from app.models import AuditEntry, RecoveryCode, User
from app.models.common.base import db
from app.queries.accounts import users as accounts
from app.services.accounts import organizations
from app.services.accounts.actor import SYSTEM, Actor
from app.services.sign_in import attempts, first_factor, two_factor
from tests.services.people import PASSWORD, Authenticator, person, with_app

HOME = "192.0.2.7"


@pytest.fixture
def ada(sqlite_app: Flask, organization: Any) -> User:
    return person("ada@example.com", organization.id, "owner", PASSWORD)


def actor(user: User) -> Actor:
    return Actor("user", user.id, user.email, HOME)


def actions() -> list[tuple[str, Any]]:
    entries = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id))
    return [(entry.action, entry.after) for entry in entries if entry.action.startswith("user.")]


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06}"


def fails(user: User, code: str) -> None:
    with pytest.raises(Unauthorized):
        two_factor.check(user.id, code, HOME)


def test_a_code_of_the_app_is_the_second_step_on_both_databases(
    app: Flask, organization: Any
) -> None:
    ada = person("ada@example.com", organization.id, password=PASSWORD)
    phone = with_app(ada)
    user = first_factor.with_password(ada.email, PASSWORD, HOME)
    assert user.has_two_factor
    assert user.signed_in_at is None
    assert two_factor.check(ada.id, phone.fresh_code(), HOME).signed_in_at
    assert two_factor.check(ada.id, phone.recovery_codes[0], HOME).id == ada.id


def test_each_code_works_once(ada: User) -> None:
    phone = with_app(ada)
    code = phone.fresh_code()
    two_factor.check(ada.id, code, HOME)
    fails(ada, code)


def test_of_two_browsers_with_the_same_code_one_gets_in(app: Flask, organization: Any) -> None:
    ada = person("ada@example.com", organization.id, password=PASSWORD)
    phone = with_app(ada)
    user_id, code = ada.id, phone.fresh_code()
    db.session.rollback()

    def attempt(_: int) -> bool:
        with app.app_context():
            try:
                two_factor.check(user_id, code, HOME)
            except Unauthorized:
                return False
            finally:
                db.session.remove()
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(attempt, range(4))) == [False, False, False, True]


def test_the_code_that_confirmed_the_app_does_not_sign_in(ada: User) -> None:
    two_factor.begin(ada.id)
    enrolment = two_factor.pending(ada)
    assert enrolment
    code = Authenticator(ada.id, enrolment.secret).code()
    two_factor.confirm(ada.id, code, PASSWORD, actor(ada))
    fails(ada, code)


def test_each_recovery_code_works_once(ada: User) -> None:
    phone = with_app(ada)
    assert len(set(phone.recovery_codes)) == 10
    for code in phone.recovery_codes[:2]:
        two_factor.check(ada.id, code, HOME)
        fails(ada, code)
    assert accounts.recovery_codes_left(ada.id) == 8


def test_another_persons_recovery_code_is_refused(ada: User) -> None:
    bob = person("bob@example.com", password=PASSWORD)
    with_app(ada)
    fails(ada, with_app(bob).recovery_codes[0])


def test_neither_the_secret_nor_a_recovery_code_is_stored_readably(ada: User) -> None:
    phone = with_app(ada)
    user = accounts.user(ada.id)
    assert user
    assert user.totp_secret
    assert phone.secret.encode() not in user.totp_secret
    stored = db.session.scalars(select(RecoveryCode.code_hash)).all()
    assert not set(stored) & set(phone.recovery_codes)


def test_a_wrong_code_does_not_turn_it_on(ada: User) -> None:
    two_factor.begin(ada.id)
    enrolment = two_factor.pending(ada)
    assert enrolment
    code = Authenticator(ada.id, enrolment.secret).code()
    with pytest.raises(Invalid) as caught:
        two_factor.confirm(ada.id, wrong(code), PASSWORD, actor(ada))
    assert [error.field for error in caught.value.errors] == ["code"]
    user = accounts.user(ada.id)
    assert user
    assert not user.has_two_factor


@pytest.mark.parametrize("action", ["confirm", "disable", "renew"])
def test_each_change_requires_the_password(ada: User, action: str) -> None:
    two_factor.begin(ada.id)
    enrolment = two_factor.pending(ada)
    assert enrolment
    code = Authenticator(ada.id, enrolment.secret).code()
    if action != "confirm":
        two_factor.confirm(ada.id, code, PASSWORD, actor(ada))
    calls = {
        "confirm": lambda password: two_factor.confirm(ada.id, code, password, actor(ada)),
        "disable": lambda password: two_factor.disable(ada.id, password, actor(ada)),
        "renew": lambda password: two_factor.renew_recovery_codes(ada.id, password, actor(ada)),
    }
    with pytest.raises(Invalid) as caught:
        calls[action]("wrong password")
    assert [error.field for error in caught.value.errors] == ["current"]
    for _ in range(attempts.CURRENT_PASSWORD.attempts - 1):
        with pytest.raises(Invalid):
            calls[action]("wrong password")
    with pytest.raises(RateLimited):
        calls[action](PASSWORD)


def test_new_recovery_codes_replace_the_old_ones(ada: User) -> None:
    phone = with_app(ada)
    new = two_factor.renew_recovery_codes(ada.id, PASSWORD, actor(ada))
    fails(ada, phone.recovery_codes[0])
    two_factor.check(ada.id, new[0], HOME)


def test_without_it_the_password_signs_in_again(ada: User) -> None:
    phone = with_app(ada)
    two_factor.disable(ada.id, PASSWORD, actor(ada))
    fails(ada, phone.code())
    fails(ada, phone.recovery_codes[0])
    assert first_factor.with_password(ada.email, PASSWORD, HOME).signed_in_at
    assert two_factor.pending(ada) is None


def test_a_person_without_a_password_turns_it_off_with_a_code(sqlite_app: Flask) -> None:
    bob = person("bob@example.com")
    phone = with_app(bob)
    for proof in ("", PASSWORD, wrong(phone.code())):
        with pytest.raises(Invalid):
            two_factor.disable(bob.id, proof, actor(bob))
    two_factor.disable(bob.id, phone.fresh_code(), actor(bob))
    assert first_factor.with_link(first_factor.make_link(bob), HOME).signed_in_at


def test_it_cannot_be_begun_anew_while_it_is_on(ada: User) -> None:
    phone = with_app(ada)
    with pytest.raises(Conflict):
        two_factor.begin(ada.id)
    two_factor.check(ada.id, phone.fresh_code(), HOME)


def test_after_ten_wrong_codes_even_the_right_one_has_to_wait(ada: User) -> None:
    phone = with_app(ada)
    for _ in range(attempts.SECOND_FACTOR.attempts):
        fails(ada, wrong(phone.code()))
    with pytest.raises(RateLimited):
        two_factor.check(ada.id, phone.fresh_code(), "198.51.100.9")


def test_a_right_code_resets_the_wrong_ones(ada: User) -> None:
    phone = with_app(ada)
    for _ in range(2):
        for _ in range(attempts.SECOND_FACTOR.attempts - 1):
            fails(ada, wrong(phone.code()))
        two_factor.check(ada.id, phone.fresh_code(), HOME)


def test_a_sign_in_link_asks_for_the_code_too(ada: User) -> None:
    with_app(ada)
    user = first_factor.with_link(first_factor.make_link(ada), HOME)
    assert user.signed_in_at is None


def test_an_owner_without_it_cannot_require_it(ada: User, organization: Any) -> None:
    def require() -> None:
        organizations.require_two_factor(organization.id, ada.id, actor(ada), required=True)

    with pytest.raises(Conflict):
        require()
    with_app(ada)
    require()
    stored = accounts.organization(organization.id)
    assert stored
    assert stored.requires_two_factor


def test_everything_is_audited_without_secrets(ada: User) -> None:
    phone = with_app(ada)
    first_factor.with_password(ada.email, PASSWORD, HOME)
    fails(ada, "000000 ")
    two_factor.check(ada.id, phone.fresh_code(), HOME)
    two_factor.check(ada.id, phone.recovery_codes[0], HOME)
    two_factor.renew_recovery_codes(ada.id, PASSWORD, actor(ada))
    two_factor.disable(ada.id, PASSWORD, actor(ada))
    with_app(ada)
    two_factor.remove(ada.id, SYSTEM)
    assert actions() == [
        ("user.enable_two_factor", None),
        ("user.pass_first_factor", {"by": "password"}),
        ("user.sign_in_refused", {"by": "second factor"}),
        ("user.sign_in", {"by": "authenticator app"}),
        ("user.sign_in", {"by": "recovery code"}),
        ("user.renew_recovery_codes", None),
        ("user.disable_two_factor", None),
        ("user.enable_two_factor", None),
        ("user.remove_two_factor", None),
    ]
