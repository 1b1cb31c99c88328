"""The logo that an organization uploads: who sees it, and how it is served."""

import io
from typing import Any

import pytest
from flask import Flask

from app.queries.accounts import portal as portal_queries
from app.services.accounts import organizations
from app.services.accounts.actor import SYSTEM
from app.services.portal import logos
from tests.domain.portal.test_logos import png, png_chunk
from tests.web.guests import guest_of
from tests.web.visitor import Visitor

PAGE = "/settings/portal"


def upload(owner: Visitor, content: bytes) -> Any:
    return owner.post(PAGE, f"{PAGE}/logo", logo=(io.BytesIO(content), "logo.png"))


def test_portals_show_an_uploaded_logo(
    sqlite_app: Flask, owner: Visitor, organization: Any
) -> None:
    assert upload(owner, png(more=png_chunk(b"tEXt", b"<script>"))).status_code == 303
    digest = portal_queries.logo_digest(organization.id)
    assert f"{PAGE}/logo/{digest}" in owner.get(PAGE).text
    guest, base = guest_of(sqlite_app, organization), f"/portal/{organization.id}"
    page = guest.get(f"{base}/")
    assert f'src="{base}/brand/logo/{digest}"' in page.text
    image = guest.get(f"{base}/brand/logo/{digest}")
    assert image.data == png()
    assert image.mimetype == "image/png"
    assert image.headers["X-Content-Type-Options"] == "nosniff"
    assert image.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert image.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    owner.post(PAGE, f"{PAGE}/logo/remove")
    assert "brand/logo" not in guest.get(f"{base}/").text


def test_a_link_s_own_logo_comes_first(sqlite_app: Flask, organization: Any) -> None:
    logos.store(organization.id, png(), SYSTEM)
    guest = guest_of(sqlite_app, organization, brand_logo="https://cdn.acme.example/logo.png")
    page = guest.get(f"/portal/{organization.id}/").text
    assert 'src="https://cdn.acme.example/logo.png"' in page
    assert "brand/logo" not in page


def test_nobody_else_gets_the_logo(sqlite_app: Flask, organization: Any) -> None:
    logos.store(organization.id, png(), SYSTEM)
    path = f"/brand/logo/{portal_queries.logo_digest(organization.id)}"
    other = organizations.create("Other")
    guest = guest_of(sqlite_app, other)
    stranger = Visitor(sqlite_app)
    for visitor, base in (
        (stranger, ""),
        (stranger, f"/portal/{organization.id}"),
        (guest, f"/portal/{other.id}"),
        (guest, f"/portal/{organization.id}"),
    ):
        assert visitor.get(base + path).status_code == 404


@pytest.mark.parametrize("content", [b"", b"<svg/>"])
def test_another_file_is_refused_on_the_page(owner: Visitor, content: bytes) -> None:
    response = upload(owner, content)
    assert response.status_code == 422
    assert "Use a PNG, JPEG or WebP image" in response.text
