"""The portal in a real browser: in windows and frames of others, in their colours."""

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from app.domain.portal.links import check_terms
from app.services.accounts.actor import SYSTEM
from app.services.portal import links as portal
from tests.browser.conftest import Open
from tests.browser.support.looks import ONE_LOOK_AND_MORE
from tests.browser.support.site import Site
from tests.browser.test_every_page import faults, wrong_at, wrong_with

# The last one is of the kind on which white could not be read.
COLORS = ("#1d7a4f", "#101418", "#ffd400")


def link(site: Site, **terms: Any) -> str:
    with site.app.app_context():
        created = portal.create(site.organization_id, check_terms(terms), SYSTEM)
    return site.url + "/portal/" + created.url.partition("/portal/")[2]


@pytest.fixture
def embedder() -> Iterator[Callable[[str], str]]:
    """`embedder(url)`: the address of a page on another origin that shows `url` in a frame."""
    shown: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            frame = f'<iframe src="{shown[0]}" title="Webhooks" width=1000 height=700></iframe>'
            body = f"<!doctype html><title>Customer</title>{frame}".encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()

    def embed(url: str = "") -> str:
        shown[:] = [url]
        return f"http://127.0.0.1:{server.server_port}"

    yield embed
    server.shutdown()
    thread.join()
    server.server_close()


def test_an_allowed_page_embeds_a_working_portal(
    browser: Browser, site: Site, embedder: Callable[[str], str]
) -> None:
    origin = embedder("")
    page = browser.new_page()
    page.goto(embedder(link(site, allowed_origins=[origin], brand_name="Acme")))
    frame = page.frame_locator("iframe")
    expect(frame.locator(".top-brand")).to_have_text("Acme")
    frame.get_by_role("link", name="Test inbox").click()
    frame.get_by_role("button", name="Create test inbox").click()
    expect(frame.locator("#live")).to_contain_text("No requests yet")
    page.context.close()


def test_other_pages_cannot_embed_the_portal(
    browser: Browser, site: Site, embedder: Callable[[str], str]
) -> None:
    refused: list[str] = []
    page = browser.new_page()
    page.on("console", lambda said: refused.append(said.text))
    page.goto(embedder(link(site, allowed_origins=["https://app.example.com"])))
    page.wait_for_timeout(300)
    assert any("frame-ancestors" in text for text in refused)
    expect(page.frame_locator("iframe").locator(".top-brand")).to_have_count(0)
    page.context.close()


@ONE_LOOK_AND_MORE
@pytest.mark.parametrize(
    "color", [*(pytest.param(color, marks=pytest.mark.long) for color in COLORS[:-1]), COLORS[-1]]
)
def test_the_portal_is_accessible_in_any_brand_color(
    *,
    browser: Browser,
    site: Site,
    keep: Callable[[Page, str], None],
    theme: Any,
    width: int,
    color: str,
) -> None:
    size = {"width": width, "height": 844}
    context = browser.new_context(color_scheme=theme, viewport=size)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(link(site, brand_name="Acme Video Cloud", brand_color=color))
    paths = ("", "webhooks", "catcher") if color == COLORS[-1] else ("catcher",)
    root = f"{site.url}/portal/{site.organization_id}"
    wrong = {path: wrong_at(page, f"{root}/{path}") for path in paths}
    keep(page, f"portal-{color[1:]}-{theme}-{width}")
    context.close()
    assert {path: faults for path, faults in wrong.items() if faults} == {}


@ONE_LOOK_AND_MORE
def test_an_owner_creates_a_link_on_an_accessible_page(
    open_page: Open, keep: Callable[[Page, str], None], theme: str, width: int
) -> None:
    page = open_page("/settings/portal", theme=theme, width=width)
    assert faults(page) == []
    page.get_by_role("button", name="Create link").click()
    expect(page.locator("#portal-link")).to_contain_text("/enter/")
    assert wrong_with(page) == []
    keep(page, f"portal-links-{theme}-{width}")


def test_an_expired_session_shows_a_message(browser: Browser, site: Site) -> None:
    page = browser.new_page()
    page.goto(f"{site.url}/portal/{site.organization_id}/")
    expect(page.locator("h1")).to_have_text("Session expired")
    assert faults(page) == []
    page.context.close()
