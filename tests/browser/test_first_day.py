"""Before anything has happened, and when a form is refused: readable, and it says what to do."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from app.services.accounts import invitations, organizations
from app.services.accounts.actor import SYSTEM
from tests.browser.conftest import Open
from tests.browser.support.site import Site
from tests.browser.test_every_page import rules_of, wrong_at, wrong_with
from tests.services.people import PASSWORD, person

EMPTY = ("", "deliveries", "events", "webhooks", "failures", "catcher", "event-types")
EMAIL = "new@example.com"


@pytest.fixture(scope="module")
def newcomer(site: Site) -> Site:
    """Somebody whose organization has nothing yet."""
    with site.app.app_context():
        person(EMAIL, organizations.create("First Day").id, "owner", PASSWORD)
    return site


@pytest.fixture
def page(browser: Browser, newcomer: Site) -> Iterator[Page]:
    """The newcomer's, on a phone."""
    context = browser.new_context(
        base_url=newcomer.url, viewport={"width": 390, "height": 844}, color_scheme="light"
    )
    page = context.new_page()
    page.goto("/sign-in")
    page.fill("[name=email]", EMAIL)
    page.fill("[name=password]", PASSWORD)
    page.click("main .btn-primary")
    page.wait_for_url(f"{newcomer.url}/")
    yield page
    context.close()


def test_each_empty_page_is_accessible_and_offers_a_next_step(
    page: Page, keep: Callable[[Page, str], None]
) -> None:
    faults_by_page = {}
    for path in EMPTY:
        faults_by_page[path] = wrong_at(page, f"/{path}")
        # Failures are the one thing that nobody is helped to.
        acts = page.locator("main .btn, main a")
        assert path == "failures" or acts.count(), path
        keep(page, f"empty-{path or 'overview'}-light-390")
    assert {path: wrong for path, wrong in faults_by_page.items() if wrong} == {}


def test_a_failed_sign_in_shows_an_error(
    browser: Browser, newcomer: Site, keep: Callable[[Page, str], None]
) -> None:
    page = browser.new_page(base_url=newcomer.url)
    page.goto("/sign-in")
    page.fill("[name=email]", EMAIL)
    page.fill("[name=password]", "not the password")
    page.click("main .btn-primary")
    expect(page.locator(".flash-error")).to_be_visible()
    assert wrong_with(page) == []
    keep(page, "sign-in-refused-light-1440")
    page.context.close()


@pytest.mark.parametrize(
    ("theme", "width"),
    [
        ("light", 1440),
        pytest.param("dark", 390, marks=pytest.mark.long),
    ],
)
def test_a_form_with_errors_is_accessible_and_keeps_its_input(
    open_page: Open, keep: Callable[[Page, str], None], theme: str, width: int
) -> None:
    page = open_page("/webhooks/new?preset=custom", theme=theme, width=width)
    page.fill("#url", "ftp://example.com")
    page.fill("#filter", "payload.[")
    page.fill("#timeout_seconds", "soon")
    page.locator("#webhook-form .form-actions button").first.click()
    expect(page.locator(".form-summary")).to_contain_text("Not saved.")
    expect(page.locator("#url")).to_have_value("ftp://example.com")
    # At the end of the form its buttons lie over nothing.
    page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    assert wrong_with(page, rules_of(theme)) == []
    keep(page, f"webhook-refused-{theme}-{width}")


def test_an_invitation_page_is_accessible(
    browser: Browser, newcomer: Site, keep: Callable[[Page, str], None]
) -> None:
    with newcomer.app.app_context():
        organization_id, email = newcomer.organization_id, "invited@example.com"
        _, token = invitations.create(organization_id, email, "viewer", SYSTEM)
    page = browser.new_page(base_url=newcomer.url, viewport={"width": 390, "height": 844})
    assert wrong_at(page, f"/invitations/{token}") == []
    keep(page, "invitation-light-390")
    assert wrong_at(page, "/invitations/nonsense", status=410) == []
    page.context.close()
