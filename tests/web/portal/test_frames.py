"""In whose frames the portal may be, with which cookie, and how it looks there."""

from typing import Any

import pytest
from flask import Flask

from app.services.accounts.actor import SYSTEM
from app.services.portal import links as portal
from tests.web.guests import guest_of, link
from tests.web.visitor import Visitor


@pytest.fixture
def base(organization: Any) -> str:
    return f"/portal/{organization.id}"


def test_only_origins_of_the_link_may_frame_a_page(
    sqlite_app: Flask, organization: Any, base: str
) -> None:
    page = guest_of(sqlite_app, organization).get(base + "/")
    assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]
    assert page.headers["X-Frame-Options"] == "DENY"
    origins = ["https://app.example.com", "http://localhost:3000"]
    guest = guest_of(sqlite_app, organization, allowed_origins=origins)
    for path in ("/", "/webhooks", "/nothing"):
        page = guest.get(base + path)
        policy = page.headers["Content-Security-Policy"]
        assert policy.endswith("frame-ancestors https://app.example.com http://localhost:3000")
        assert "X-Frame-Options" not in page.headers
    assert "'none'" in guest.get("/sign-in").headers["Content-Security-Policy"].rpartition(";")[2]
    portal.revoke_all(organization.id, SYSTEM)
    over = guest.get(base + "/")
    assert over.status_code == 401
    assert "app.example.com" in over.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("is_https", "origins", "expected", "unexpected"),
    [
        (True, ["https://a.test"], "Secure; HttpOnly; |SameSite=None|Partitioned", "SameSite=Lax"),
        (True, [], "Secure|SameSite=Lax", "Partitioned"),
        (False, ["https://a.test"], "SameSite=Lax", "Secure"),
    ],
)
def test_the_cookie_is_partitioned_only_for_frames(
    sqlite_app: Flask,
    organization: Any,
    base: str,
    *,
    is_https: bool,
    origins: list[str],
    expected: str,
    unexpected: str,
) -> None:
    sqlite_app.config["SESSION_COOKIE_SECURE"] = is_https
    response = Visitor(sqlite_app).get(link(organization, allowed_origins=origins))
    [cookie] = response.headers.getlist("Set-Cookie")
    for word in (*expected.split("|"), f"Path={base}", "HttpOnly", "Expires="):
        assert word in cookie
    assert unexpected not in cookie


def test_the_header_shows_the_brand_name_and_color(
    sqlite_app: Flask, organization: Any, base: str
) -> None:
    guest = guest_of(sqlite_app, organization, brand_name="<Acme>", brand_color="#ffd400")
    page = guest.get(base + "/").text
    assert "&lt;Acme&gt;" in page
    assert organization.name not in page
    sheet = guest.get(f"{base}/brand/ffd400.css")
    assert sheet.text.startswith(":root {\n  --brand: #ffd400;\n  --on-brand: #000000;\n")
    assert sheet.mimetype == "text/css"
    for wrong in ("red", "ffd400;}", "12345678"):
        assert guest.get(f"{base}/brand/{wrong}.css").status_code == 404
