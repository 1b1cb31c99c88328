"""The pages, as somebody sees them who came by a portal link."""

import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.models import AuditEntry, Webhook
from app.models.common.base import db
from app.services.accounts import organizations
from app.services.accounts.actor import SYSTEM
from app.services.portal import links as portal
from tests.services.publishing import webhook
from tests.web.guests import guest_of, link
from tests.web.visitor import Visitor


@pytest.fixture
def base(organization: Any) -> str:
    return f"/portal/{organization.id}"


@pytest.fixture
def guest(sqlite_app: Flask, organization: Any) -> Visitor:
    return guest_of(sqlite_app, organization)


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/webhooks",
        "/webhooks/new",
        "/deliveries",
        "/attempts",
        "/attempts?status=abc",
        "/events",
        "/events/new",
        "/test-inbox",
    ],
)
def test_the_pages_link_only_to_the_portal(guest: Visitor, base: str, path: str) -> None:
    page = guest.get(base + path)
    assert page.status_code == 200
    links = re.findall(r'(?:href|action|src|hx-get|hx-post)="(/[^"]*)"', page.text)
    assert links
    assert [address for address in links if not address.startswith(base)] == []
    stylesheet = re.search(r'href="([^"]+/assets/app-[^"]+\.css)"', page.text)
    assert stylesheet
    assert guest.get(stylesheet[1]).status_code == 200


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/settings", 404),
        ("/settings/members", 404),
        ("/settings/api-keys", 404),
        ("/settings/account", 404),
        ("/settings/portal", 404),
        ("/sign-in", 404),
        ("/welcome", 404),
        ("/api/v1/openapi.json", 404),
        ("/metrics", 404),
        ("/healthz", 404),
        ("/nothing", 404),
    ],
)
def test_other_pages_are_not_part_of_the_portal(
    guest: Visitor, base: str, path: str, status: int
) -> None:
    assert guest.get(base + path).status_code == status


def test_no_page_links_outside_of_the_portal(guest: Visitor, base: str) -> None:
    text = guest.get(base + "/").text
    for word in ("/settings", "/sign-out", "/organization/", "API keys"):
        assert word not in text


def test_a_member_creates_a_webhook_and_the_audit_log_names_the_visitor(
    sqlite_app: Flask, organization: Any, base: str
) -> None:
    guest = guest_of(sqlite_app, organization, visitor="ada@customer.example")
    page = f"{base}/webhooks/new?preset=standard"
    fields = {"url": "https://example.com/a", "preset": "standard", "event_types_scope": "all"}
    shown = guest.get(page).text
    for name in ("method", "body_format", "body_encoding", "success_statuses", "timeout_seconds"):
        assert f'name="{name}"' in shown
    response = guest.post(base + "/test-inbox", base + "/test-inbox")
    assert response.headers["Location"].startswith(f"{base}/test-inbox/")
    created = guest.post(page, f"{base}/webhooks/new", **fields)
    assert created.status_code == 303, created.text
    assert db.session.scalars(select(Webhook.url)).all() == ["https://example.com/a"]
    wanted = select(AuditEntry).where(AuditEntry.action == "catcher.create")
    entry = db.session.scalars(wanted).one()
    assert (entry.actor_kind, entry.actor_name) == ("portal", "ada@customer.example")


def test_a_viewer_cannot_change_anything(sqlite_app: Flask, organization: Any, base: str) -> None:
    guest = guest_of(sqlite_app, organization, role="viewer")
    webhook_id = webhook(organization.id)
    page = guest.get(f"{base}/webhooks/{webhook_id}")
    assert page.status_code == 200
    assert "/pause" not in page.text
    assert guest.post(f"{base}/", f"{base}/webhooks/{webhook_id}/pause").status_code == 403
    row = db.session.get(Webhook, webhook_id)
    assert row is not None
    assert row.is_active


def test_a_session_is_valid_for_one_organization_only(guest: Visitor, sqlite_app: Flask) -> None:
    other = organizations.create("Other")
    foreign = webhook(other.id)
    cookie = guest.client.get_cookie("callboard-portal", path=_path(guest))
    assert cookie is not None
    thief = Visitor(sqlite_app)
    thief.client.set_cookie("callboard-portal", cookie.value, path=f"/portal/{other.id}")
    assert thief.get(f"/portal/{other.id}/").status_code == 401
    assert guest.get(f"{_path(guest)}/webhooks/{foreign}").status_code == 404


def _path(guest: Visitor) -> str:
    [cookie] = [c for c in guest.client._cookies.values() if c.key == "callboard-portal"]
    assert cookie.path is not None
    return cookie.path


def test_portal_and_user_sessions_are_separate(
    owner: Visitor, sqlite_app: Flask, organization: Any, base: str
) -> None:
    assert owner.get(base + "/").status_code == 401
    owner.get(link(organization, role="viewer"))
    assert "/settings" not in owner.get(base + "/").text
    assert owner.get("/settings").status_code == 200
    for name, path, tried in (
        ("callboard-portal", base, "/settings"),
        ("callboard", "/", base + "/"),
    ):
        cookie = owner.client.get_cookie(name, path=path)
        assert cookie is not None
        other = {"callboard": "callboard-portal", "callboard-portal": "callboard"}[name]
        thief = Visitor(sqlite_app)
        thief.client.set_cookie(other, cookie.value, path=base if other != "callboard" else "/")
        assert thief.get(tried).status_code in (303, 401)


def test_a_session_ends_when_its_link_is_revoked(
    guest: Visitor, organization: Any, base: str
) -> None:
    portal.revoke_all(organization.id, SYSTEM)
    page = guest.get(base + "/webhooks")
    assert page.status_code == 401
    assert "Session expired" in page.text
    part = guest.get(base + "/webhooks", headers={"HX-Request": "true"})
    assert part.headers["HX-Refresh"] == "true"


def test_an_invalid_link_opens_nothing(sqlite_app: Flask, organization: Any, base: str) -> None:
    stranger = Visitor(sqlite_app)
    assert stranger.get(f"{base}/enter/nothing").status_code == 401
    assert stranger.get("/enter/nothing").status_code == 404
    token = link(organization).rpartition("/")[2]
    other = organizations.create("Other")
    assert stranger.get(f"/portal/{other.id}/enter/{token}").status_code == 401
    assert stranger.client.head(f"{base}/enter/{token}").status_code == 204
    assert stranger.get(base + "/").status_code == 401


def test_forms_are_protected_against_csrf(guest: Visitor, base: str) -> None:
    assert "too long" in guest.get(guest.send(f"{base}/test-inbox").headers["Location"]).text
    assert "No test inbox yet" in guest.get(f"{base}/test-inbox").text


def test_an_owner_creates_a_link_on_the_settings_page(
    owner: Visitor, sqlite_app: Flask, organization: Any
) -> None:
    fields = {"visitor": "ada", "role": "viewer", "expires_in": "3600", "brand_color": "red"}
    refused = owner.post("/settings/portal", **fields)
    assert refused.status_code == 422
    assert "Not a colour" in refused.text
    fields |= {"brand_color": "", "allowed_origins": "https://a.test\nhttps://b.test"}
    created = owner.post("/settings/portal", **fields)
    assert created.headers["Cache-Control"] == "no-store"
    url = re.search(rf"/portal/{organization.id}/enter/[\w.-]+", created.text)
    assert url
    assert Visitor(sqlite_app).get(url[0]).status_code == 303
    assert owner.post("/settings/portal", "/settings/portal/end").status_code == 303
    assert Visitor(sqlite_app).get(url[0]).status_code == 401


def test_a_viewer_cannot_create_links(viewer: Visitor) -> None:
    assert viewer.get("/settings/portal").status_code == 403


def test_an_invalid_organization_id_in_the_path_is_not_found(sqlite_app: Flask) -> None:
    visitor = Visitor(sqlite_app)
    for path in ("/portal/", "/portal/x/", "/portal/" + "0" * 36 + "/"):
        assert visitor.get(path).status_code == 404
