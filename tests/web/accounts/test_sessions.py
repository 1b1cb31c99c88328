"""Sessions are rows: each can be seen, and ended, wherever it was begun."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from app.domain.accounts.sessions import DAY_MS, HOUR_MS
from app.domain.common.clock import now_ms
from app.models import AuditEntry, UserSession
from app.models.common.base import db
from app.store.transaction import write_transaction
from tests.services.people import PASSWORD
from tests.web.visitor import Visitor

PAGE = "/settings/account"


def second_browser(app: Flask, **fields: str) -> Visitor:
    visitor = Visitor(app)
    visitor.post("/sign-in", email="owner@example.com", password=PASSWORD, **fields)
    return visitor


def rows() -> list[UserSession]:
    db.session.rollback()
    return list(db.session.scalars(select(UserSession).order_by(UserSession.id)))


def age(row: UserSession, **columns: int) -> None:
    with write_transaction() as session:
        session.execute(update(UserSession).where(UserSession.id == row.id).values(columns))


def test_each_browser_is_listed_with_its_agent_and_address(
    sqlite_app: Flask, owner: Visitor
) -> None:
    other = Visitor(sqlite_app)
    other.client.environ_base["HTTP_USER_AGENT"] = "Firefox on a phone"
    other.sign_in("owner@example.com", PASSWORD)
    page = owner.get(PAGE).text
    assert "Firefox on a phone" in page
    assert "This browser" in page
    assert page.count("127.0.0.1") >= 2


def test_a_revoked_session_is_signed_out_at_once(sqlite_app: Flask, owner: Visitor) -> None:
    other = second_browser(sqlite_app)
    owner.post(PAGE, f"{PAGE}/sessions/{rows()[-1].id}/revoke")
    assert other.get("/settings").status_code == 303
    assert owner.get("/settings").status_code == 200
    actions = db.session.scalars(select(AuditEntry.action)).all()
    assert "session.revoke" in actions


def test_another_persons_session_cannot_be_revoked(owner: Visitor, viewer: Visitor) -> None:
    own = rows()[0]
    assert viewer.post(PAGE, f"{PAGE}/sessions/{own.id}/revoke").status_code == 404
    assert owner.get("/settings").status_code == 200


def test_signing_out_ends_the_session_also_for_a_copy_of_its_cookie(
    sqlite_app: Flask, owner: Visitor
) -> None:
    cookie = owner.client.get_cookie("callboard")
    owner.post("/settings", "/sign-out")
    thief = Visitor(sqlite_app)
    thief.client.set_cookie("callboard", cookie.value)
    assert thief.get("/settings").status_code == 303


def test_a_new_password_ends_every_other_session(sqlite_app: Flask, owner: Visitor) -> None:
    other = second_browser(sqlite_app)
    owner.post(PAGE, f"{PAGE}/password", current=PASSWORD, new="another fine password")
    assert other.get("/settings").status_code == 303
    assert len(rows()) == 1


@pytest.mark.parametrize(
    ("idle", "old"), [(12 * HOUR_MS, 0), (0, 7 * DAY_MS)], ids=["unused", "too old"]
)
def test_a_session_expires(owner: Visitor, idle: int, old: int) -> None:
    now = now_ms()
    age(rows()[0], seen_at=now - idle, created_at=now - max(idle, old))
    assert owner.get("/settings").status_code == 303


def test_a_remembered_browser_stays_signed_in(sqlite_app: Flask, owner: Visitor) -> None:
    other = second_browser(sqlite_app, remember="y")
    row = rows()[-1]
    assert row.remembered
    age(row, seen_at=now_ms() - 20 * DAY_MS, created_at=now_ms() - 20 * DAY_MS)
    assert other.get("/settings").status_code == 200
    assert other.client.get_cookie("callboard").expires is not None


def test_without_remember_the_cookie_ends_with_the_browser(owner: Visitor) -> None:
    assert owner.client.get_cookie("callboard").expires is None


def test_use_is_recorded_at_most_once_a_minute(owner: Visitor) -> None:
    row = rows()[0]
    owner.get("/settings")
    assert rows()[0].seen_at == row.seen_at
    age(row, seen_at=row.seen_at - 61_000)
    owner.get("/settings")
    assert rows()[0].seen_at >= row.seen_at


def test_a_person_removed_from_their_last_organization_is_signed_out(
    owner: Visitor, viewer: Visitor, organization: Any
) -> None:
    page = "/settings/members"
    user_id = rows()[-1].user_id
    owner.post(f"{page}/{user_id}/remove")
    assert [row.user_id for row in rows()] == [rows()[0].user_id]
    assert viewer.get("/settings").status_code == 303
