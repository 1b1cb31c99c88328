"""Sign-in at a real OpenID provider, in a browser."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route

from app import create_app
from app.models.common.base import db
from app.runtime.context import runtime
from app.services.accounts import organizations
from tests.browser.support.site import Site
from tests.browser.test_every_page import wrong_with
from tests.conftest import settings_for
from tests.support.databases import SqliteTemplate
from tests.support.servers import oidc as oidc_provider
from tests.support.servers.ports import free_port

ORGANIZATION = "0198c1f0-6e1f-7c3a-9b1e-2f0c5a7d4e11"


@pytest.fixture(scope="module")
def served(
    sqlite_template: SqliteTemplate,
    tmp_path_factory: pytest.TempPathFactory,
    redis_server_url: str,
) -> Iterator[Site]:
    directory, port = tmp_path_factory.mktemp("oidc"), free_port()
    with oidc_provider.running() as provider:
        provider.person("ada", email="ada@example.com", email_verified=True, name="Ada")
        provider.person("eve", email="eve@elsewhere.example", email_verified=True)
        public_url = f"http://127.0.0.1:{port}"
        client = provider.register(f"{public_url}/sign-in/oidc/callback")
        settings = settings_for(
            sqlite_template.copy(directory),
            redis_server_url,
            Path(directory),
            PUBLIC_URL=public_url,
            OIDC_ISSUER=provider.issuer,
            OIDC_CLIENT_ID=client["client_id"],
            OIDC_CLIENT_SECRET=client["client_secret"],
            OIDC_NAME="Example ID",
            OIDC_EMAIL_DOMAINS=f"example.com={ORGANIZATION}",
        )
        app = create_app(settings)
        with app.app_context():
            organizations.create("Acme Video", ORGANIZATION)
            db.session.remove()
        site = Site(app, port=port)
        yield site
        site.close()
        with app.app_context():
            runtime().key_usage.close()
            db.engine.dispose()


def only_loopback(route: Route) -> None:
    """The provider's own pages name a stylesheet elsewhere."""
    if route.request.url.startswith("http://127.0.0.1:"):
        route.continue_()
    else:
        route.abort()


@pytest.fixture
def page(browser: Browser, served: Site) -> Iterator[Page]:
    context = browser.new_context(base_url=served.url, viewport={"width": 390, "height": 844})
    context.route("**/*", only_loopback)
    yield context.new_page()
    context.close()


def go_to_the_provider(page: Page, path: str = "/sign-in") -> None:
    page.goto(path)
    page.click("text=Sign in with Example ID")
    page.wait_for_url("**/oauth2/authorize?**")


def test_a_person_comes_back_to_the_page_that_they_wanted(page: Page, served: Site) -> None:
    page.goto("/webhooks")
    assert wrong_with(page) == []
    go_to_the_provider(page, page.url)
    page.fill("[name=sub]", "ada")
    page.click("button:text-is('Authorize')")
    page.wait_for_url(f"{served.url}/webhooks")
    assert page.inner_text("h1") == "Webhooks"


@pytest.mark.parametrize(
    ("subject", "words"),
    [
        ("eve", "Addresses at elsewhere.example may not sign in here."),
        pytest.param("", "You cancelled", marks=pytest.mark.long),
    ],
)
def test_a_refusal_is_a_page_with_a_way_back(
    page: Page, keep: Callable[[Page, str], None], subject: str, words: str
) -> None:
    go_to_the_provider(page)
    if subject:
        page.fill("[name=sub]", subject)
        page.click("button:text-is('Authorize')")
    else:
        page.click("button:text-is('Deny')")
    page.wait_for_url("**/sign-in/oidc/callback?**")
    assert words in page.inner_text("main")
    assert wrong_with(page) == []
    keep(page, f"oidc-refused-{subject or 'cancelled'}")
    page.click("text=Back to sign-in")
    assert page.inner_text("h1") == "Sign in"
