from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from itsdangerous import URLSafeTimedSerializer

from app.domain.common.errors import RateLimited, Unauthorized
from app.domain.common.ids import new_id
from app.models import AuditEntry, User
from app.models.common.base import db
from app.runtime.context import runtime_of
from app.services.accounts import users
from app.services.sign_in import first_factor, passwords
from app.services.sign_in import signed_links as links
from app.store.transaction import write_transaction
from tests.services.people import PASSWORD, person
from tests.support.quick_apps import REAL_HASHER

HOME = "192.0.2.7"


@pytest.fixture
def ada(sqlite_app: Flask, organization: Any) -> User:
    return person("ada@example.com", organization.id, password=PASSWORD)


@pytest.fixture
def real_hasher(monkeypatch: pytest.MonkeyPatch) -> None:
    """Passwords are hashed at the costs of the product."""
    monkeypatch.setattr(passwords, "HASHER", REAL_HASHER)


def fails(email: object, password: str, address: str | None = HOME) -> str:
    with pytest.raises(Unauthorized) as caught:
        first_factor.with_password(email, password, address)
    return caught.value.detail


def test_the_right_password_signs_in_on_both_databases(app: Flask, organization: Any) -> None:
    person("ada@example.com", organization.id, password=PASSWORD)
    user = first_factor.with_password(" ADA@example.com", PASSWORD, HOME)
    assert user.email == "ada@example.com"
    assert user.signed_in_at


def test_a_wrong_password_and_an_unknown_user_get_the_same_error(ada: User) -> None:
    person("link-only@example.com")
    words = {
        fails("ada@example.com", "wrong password"),
        fails("nobody@example.com", PASSWORD),
        fails("link-only@example.com", PASSWORD),
        fails("no address at all \x00", "\ud800"),
        fails(None, ""),
    }
    assert len(words) == 1


@pytest.mark.usefixtures("real_hasher")
def test_an_unknown_user_takes_the_same_work() -> None:
    assert not passwords.is_outdated(passwords.UNKNOWN_USER)
    assert not passwords.matches(None, "anything")
    assert not passwords.matches("no hash at all", "anything")


def test_after_ten_wrong_attempts_even_the_right_password_has_to_wait(ada: User) -> None:
    for _ in range(first_factor.PER_USER_AND_ADDRESS.attempts):
        fails("ada@example.com", "wrong password")
    with pytest.raises(RateLimited) as caught:
        first_factor.with_password("ada@example.com", PASSWORD, HOME)
    assert 0 < caught.value.retry_after <= 900
    assert first_factor.with_password("ada@example.com", PASSWORD, "198.51.100.9").id == ada.id


def test_a_successful_sign_in_resets_the_failed_attempts(ada: User) -> None:
    for _ in range(3):
        for _ in range(first_factor.PER_USER_AND_ADDRESS.attempts - 1):
            fails("ada@example.com", "wrong password")
        first_factor.with_password("ada@example.com", PASSWORD, HOME)


@pytest.mark.usefixtures("real_hasher")
def test_an_outdated_hash_is_renewed_at_sign_in(ada: User) -> None:
    cheap = passwords.PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    with write_transaction() as session:
        users.locked(session, ada.id).password_hash = cheap.hash(PASSWORD)
    user = first_factor.with_password("ada@example.com", PASSWORD, HOME)
    assert not passwords.is_outdated(user.password_hash or "")


def test_a_link_works_once(app: Flask) -> None:
    user = person("bob@example.com")
    first, second = first_factor.make_link(user), first_factor.make_link(user)
    assert first_factor.with_link(first, HOME).id == user.id
    for used in (first, second):
        with pytest.raises(Unauthorized):
            first_factor.with_link(used, HOME)
    assert first_factor.with_link(first_factor.make_link(user), HOME).id == user.id


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "\ud800", "W10.aaaa.bbbb", "é" * 1000])
def test_a_forged_link_is_rejected(sqlite_app: Flask, token: str) -> None:
    with pytest.raises(Unauthorized):
        first_factor.with_link(token, HOME)


def test_a_link_for_another_purpose_is_rejected(ada: User) -> None:
    token = links.sign("invitation", [ada.id, ada.link_serial])
    with pytest.raises(Unauthorized):
        first_factor.with_link(token, HOME)


@pytest.mark.parametrize("content", [None, 1, "text", [], [1, 2, 3], ["x", "y"], {"a": 1}])
def test_a_signed_link_of_another_shape_is_rejected(ada: User, content: object) -> None:
    with pytest.raises(Unauthorized):
        first_factor.with_link(links.sign(first_factor.PURPOSE, content), HOME)


def test_an_expired_link_is_rejected(ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    token = first_factor.make_link(ada)
    signer = URLSafeTimedSerializer.default_signer
    later = first_factor.LINK_SECONDS + 1
    present = signer.get_timestamp
    monkeypatch.setattr(signer, "get_timestamp", lambda self: present(self) + later)
    with pytest.raises(Unauthorized):
        first_factor.with_link(token, HOME)


def test_a_link_signed_with_another_secret_key_is_rejected(ada: User, sqlite_app: Flask) -> None:
    token = first_factor.make_link(ada)
    known = runtime_of(sqlite_app).settings
    other = replace(known, secret_key="another-key-0123456789-0123456789-abc")
    runtime_of(sqlite_app).settings = other
    with pytest.raises(Unauthorized):
        first_factor.with_link(token, HOME)


def test_a_link_signed_with_the_previous_secret_key_is_accepted(
    ada: User, sqlite_app: Flask
) -> None:
    token = first_factor.make_link(ada)
    settings = runtime_of(sqlite_app).settings
    runtime_of(sqlite_app).settings = replace(
        settings,
        secret_key="another-key-0123456789-0123456789-abc",
        secret_key_previous=(settings.secret_key,),
    )
    assert first_factor.with_link(token, HOME).id == ada.id
    assert first_factor.with_link(first_factor.make_link(ada), HOME).id == ada.id


def test_sign_in_sign_out_and_failures_are_audited(ada: User, organization: Any) -> None:
    fails("ada@example.com", "wrong password")
    fails("nobody@example.com", "wrong password")
    first_factor.with_password("ada@example.com", PASSWORD, HOME)
    first_factor.out(ada.id, new_id(), HOME)
    first_factor.out(ada.id, None, HOME)
    entries = db.session.query(AuditEntry).filter(AuditEntry.action.startswith("user.")).all()
    assert {(e.action, e.organization_id, e.actor_name, e.address) for e in entries} == {
        ("user.sign_in_refused", organization.id, "ada@example.com", HOME),
        ("user.sign_in_refused", None, "nobody@example.com", HOME),
        ("user.sign_in", organization.id, "ada@example.com", HOME),
        ("user.sign_out", organization.id, "ada@example.com", HOME),
        ("user.sign_out_everywhere", organization.id, "ada@example.com", HOME),
    }
