import dataclasses

import pytest
from flask import Flask

from app import create_app
from app.runtime.context import runtime
from tests.web.visitor import Visitor

FOREIGN = "https://evil.example"
RENAME = {"name": "Renamed"}


def test_a_stale_form_returns_to_the_page_that_sent_it(owner: Visitor) -> None:
    headers = {"Referer": "http://localhost/settings?x=1"}
    response = owner.client.post("/settings", data=RENAME, headers=headers)
    assert response.headers["Location"] == "/settings?x=1"


@pytest.mark.parametrize(
    "referer", [f"{FOREIGN}/settings", "http://localhost//evil.example", "javascript:alert(1)", "x"]
)
def test_a_stale_form_never_redirects_to_another_site(owner: Visitor, referer: str) -> None:
    response = owner.client.post("/settings", data=RENAME, headers={"Referer": referer})
    assert response.headers["Location"] == "/"


@pytest.mark.parametrize(
    "headers",
    [{"Origin": FOREIGN}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}],
    ids=["foreign origin", "opaque origin", "cross-site"],
)
def test_a_form_of_another_site_is_refused_even_with_a_valid_token(
    owner: Visitor, headers: dict[str, str]
) -> None:
    for name, value in headers.items():
        owner.client.environ_base[f"HTTP_{name.upper().replace('-', '_')}"] = value
    assert owner.post("/settings", **RENAME).status_code == 403


@pytest.mark.parametrize("origin", ["http://localhost", "http://127.0.0.1:8000"])
def test_a_form_of_this_site_is_accepted(owner: Visitor, origin: str) -> None:
    owner.client.environ_base["HTTP_ORIGIN"] = origin
    assert owner.post("/settings", **RENAME).status_code == 303


def test_signed_in_pages_are_not_stored_by_browsers(owner: Visitor) -> None:
    for path in ("/", "/webhooks", "/settings"):
        assert owner.get(path).headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("public_url", "hsts"),
    [("https://hooks.example.com", "max-age=31536000"), ("http://hooks.example.com", None)],
)
def test_https_installations_send_hsts(
    sqlite_app: Flask, public_url: str, hsts: str | None
) -> None:
    settings = runtime().settings
    app = create_app(dataclasses.replace(settings, public_url=public_url))
    for path in ("/sign-in", "/api/v1/events"):
        assert app.test_client().get(path).headers.get("Strict-Transport-Security") == hsts
