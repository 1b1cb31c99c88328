"""What a portal link decides about looks, and the role that sends no events."""

from typing import Any

import pytest
from flask import Flask

from app.domain.common.errors import Invalid
from app.domain.portal.links import check_terms
from app.services.portal.links import Visit, visit_of
from tests.services.publishing import webhook
from tests.web.guests import guest_of
from tests.web.visitor import Visitor

LOGO = "https://cdn.acme.example/logo.svg"


@pytest.fixture
def base(organization: Any) -> str:
    return f"/portal/{organization.id}"


def test_a_consumer_manages_webhooks_but_sends_no_events(
    sqlite_app: Flask, organization: Any, base: str
) -> None:
    hook = webhook(organization.id)
    guest = guest_of(sqlite_app, organization, role="consumer")
    assert "/events/new" not in guest.get(f"{base}/events").text
    assert guest.get(f"{base}/events/new").status_code == 403
    assert guest.post(f"{base}/events", f"{base}/events/new").status_code == 403
    assert guest.get(f"{base}/webhooks/{hook}/edit").status_code == 200
    page = f"{base}/webhooks/{hook}"
    assert guest.post(page, f"{page}/pause").status_code == 303


def test_a_logo_is_shown_and_nothing_else_is_loaded_from_elsewhere(
    sqlite_app: Flask, organization: Any, base: str
) -> None:
    guest = guest_of(sqlite_app, organization, brand_logo=LOGO)
    page = guest.get(f"{base}/")
    assert f'src="{LOGO}"' in page.text
    policy = page.headers["Content-Security-Policy"]
    assert "img-src 'self' data: https://cdn.acme.example;" in policy
    assert policy.count("acme") == 1
    without = guest_of(sqlite_app, organization).get(f"{base}/")
    assert "img-src 'self' data:;" in without.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    "url",
    [
        "http://e.com/a.svg",
        "javascript:alert(1)",
        "https://[::1]/a.svg",
        "https://e.com/" + "a" * 300,
        "https://e.com;script-src *",
        7,
    ],
)
def test_a_logo_is_an_https_url(url: object) -> None:
    with pytest.raises(Invalid) as caught:
        check_terms({"brand_logo": url})
    assert [error.field for error in caught.value.errors] == ["brand_logo"]


def test_a_link_without_a_logo_can_be_read_by_earlier_releases() -> None:
    visit = Visit("l", "o", 1, 2, "member", "", "", "", ())
    assert "brand_logo" not in visit.document()
    assert visit_of(visit.document()) == visit


def test_a_preview_shows_the_color_in_light_and_dark(owner: Visitor) -> None:
    page = owner.get("/settings/portal").text
    assert 'type="color"' in page
    preview = owner.get("/settings/portal/preview?brand_color=%231d7a4f").text
    assert 'href="/settings/portal/brand.css?color=1d7a4f"' in preview
    assert "no-such" not in preview
    named = owner.get("/settings/portal/preview?brand_color=&brand_name=Aurora+%3Cb%3E").text
    assert named.count("Aurora &lt;b&gt;</p>") == 2
    assert "<link" not in owner.get("/settings/portal/preview?brand_color=no-such").text
    sheet = owner.get("/settings/portal/brand.css?color=1d7a4f")
    assert sheet.text.startswith(".brand-preview {\n  --brand: #1d7a4f;")
    assert owner.get("/settings/portal/brand.css?color=no-such").status_code == 404


def test_a_brand_in_red_does_not_change_the_colors_of_states(
    sqlite_app: Flask, organization: Any, base: str
) -> None:
    guest = guest_of(sqlite_app, organization, brand_color="#cc0000")
    sheet = guest.get(f"{base}/brand/cc0000.css").text
    assert "--brand: #cc0000;" in sheet
    assert "--sending: light-dark(#1d3fb4, #9db1ff);" in sheet
