"""A real Chromium at the pages."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from app import create_app
from app.models.common.base import db
from tests.browser.support.site import EMAIL, Site, furnish
from tests.conftest import settings_for
from tests.services.people import PASSWORD
from tests.support.databases import SqliteTemplate

ARTEFACTS = Path(__file__).resolve().parents[1] / "artefacts"
PROGRAMS = ("chromium", "chromium-browser", "google-chrome")

Open = Callable[..., Page]

# Milliseconds. Only waited for by a test that fails.
expect.set_options(timeout=30_000)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser/" in str(item.path).replace(os.sep, "/"):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def site(
    sqlite_template: SqliteTemplate,
    tmp_path_factory: pytest.TempPathFactory,
    redis_server_url: str,
) -> Iterator[Site]:
    directory = tmp_path_factory.mktemp("site")
    app = create_app(settings_for(sqlite_template.copy(directory), redis_server_url, directory))
    running = Site(app)
    with app.app_context():
        furnish(running)
        db.session.remove()
    yield running
    running.close()
    with app.app_context():
        db.engine.dispose()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    program = next((path for name in PROGRAMS if (path := shutil.which(name))), None)
    if program is None:
        pytest.skip("There is no Chromium on this machine.")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def signed_in(browser: Browser, site: Site) -> Any:
    """The cookies of somebody who has signed in."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{site.url}/sign-in")
    page.fill("[name=email]", EMAIL)
    page.fill("[name=password]", PASSWORD)
    page.click("main .btn-primary")
    page.wait_for_url(f"{site.url}/")
    state = context.storage_state()
    context.close()
    return state


@pytest.fixture
def open_page(browser: Browser, site: Site, signed_in: Any) -> Iterator[Open]:
    """`open_page(path, theme="dark", width=390, ...)`: a page of somebody signed in. What the
    browser complains of, as a script that was not allowed to run, fails the test."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def opened(path: str, *, theme: str = "light", width: int = 1440, **options: Any) -> Page:
        context = browser.new_context(
            storage_state=signed_in,
            color_scheme=theme,  # type: ignore[arg-type]
            viewport={"width": width, "height": 844},
            base_url=site.url,
            **options,
        )
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: _note(complaints, said))
        page.goto(path)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert complaints == []


def _note(complaints: list[str], said: Any) -> None:
    # A page that was refused is looked at on purpose, and one that is left aborts its requests.
    usual = ("Failed to load resource", "htmx:sendAbort", "htmx:afterRequest")
    if said.type in ("error", "warning") and not said.text.startswith(usual):
        complaints.append(said.text)


@pytest.fixture
def keep() -> Callable[[Page, str], None]:
    """`keep(page, name)`: a picture of the whole page, for people to look at.

    Only with KEEP_PICTURES, as in script/acceptance.
    """
    ARTEFACTS.mkdir(exist_ok=True)

    def shot(page: Page, name: str) -> None:
        if os.environ.get("KEEP_PICTURES"):
            page.screenshot(path=ARTEFACTS / f"{name}.png", full_page=True)

    return shot
