"""Pages are compressed, but not for requests that another site caused."""

import gzip
from typing import Any

import pytest
from flask import Flask

from app.domain.webhooks.presets import PRESETS
from app.runtime.context import runtime_of
from tests.services.publishing import webhook
from tests.web.conftest import visitor_as
from tests.web.visitor import TOKEN, Visitor

GZIP = {"Accept-Encoding": "gzip"}


def encoding(owner: Visitor, path: str = "/webhooks", **headers: str) -> str | None:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return owner.get(path, headers=GZIP | sent).headers.get("Content-Encoding")


@pytest.mark.parametrize("site", ["same-origin", "none"])
def test_a_page_is_compressed_and_complete(owner: Visitor, site: str) -> None:
    plain = owner.get("/webhooks/new").data
    response = owner.get("/webhooks/new", headers=GZIP | {"Sec-Fetch-Site": site})
    assert response.headers["Content-Encoding"] == "gzip"
    assert response.content_length == len(response.data) < len(plain) / 2
    assert {"Accept-Encoding", "Sec-Fetch-Site"} <= set(response.vary)
    page = gzip.decompress(response.data).decode()
    assert all(preset.title in page for preset in PRESETS.values())


@pytest.mark.parametrize("site", ["cross-site", "same-site", "strange"])
def test_what_another_site_caused_is_not_compressed(owner: Visitor, site: str) -> None:
    assert encoding(owner, Sec_Fetch_Site=site) is None


def test_without_the_header_only_plain_http_is_compressed(
    owner: Visitor, sqlite_app: Flask
) -> None:
    assert encoding(owner) == "gzip"
    settings = runtime_of(sqlite_app).settings
    object.__setattr__(settings, "public_url", "https://callboard.example.com")
    assert encoding(owner) is None
    assert encoding(owner, Sec_Fetch_Site="same-origin") == "gzip"


def test_a_browser_without_gzip_gets_the_page_as_it_is(owner: Visitor) -> None:
    response = owner.get("/webhooks", headers={"Accept-Encoding": "identity"})
    assert "Content-Encoding" not in response.headers
    assert "<h1>Webhooks" in response.text


def test_a_page_that_reveals_a_secret_is_not_compressed(
    sqlite_app: Flask, organization: Any
) -> None:
    owner = visitor_as(sqlite_app, organization, "owner")
    page = f"/webhooks/{webhook(organization.id)}"
    token = TOKEN.search(owner.get(page).text)
    assert token
    form, headers = {"csrf_token": token[1]}, GZIP | {"Sec-Fetch-Site": "same-origin"}
    response = owner.client.post(f"{page}/secret", data=form, headers=headers)
    assert "whsec_MfKQ" in response.text
    assert "Content-Encoding" not in response.headers


def test_nothing_but_pages_is_compressed_here(owner: Visitor) -> None:
    for path in ("/metrics", "/healthz", "/webhooks.json", "/deliveries/export.csv"):
        assert encoding(owner, path) is None, path
