"""The pages of platform owners, with and without scripts."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from app.services.accounts import organizations, platform_owners
from app.services.accounts.actor import SYSTEM
from tests.browser.conftest import Open
from tests.browser.support.looks import EVERY_LOOK_AND_NO_SCRIPTS
from tests.browser.support.site import Site
from tests.browser.test_every_page import rules_of, wrong_with
from tests.services.people import PASSWORD, person

Keep = Callable[[Page, str], None]


def operator(site: Site, name: str) -> tuple[str, str]:
    """A platform owner, and an organization to operate: address and id."""
    email = f"{name}@example.com"
    with site.app.app_context():
        person(email, password=PASSWORD)
        platform_owners.grant(email, SYSTEM)
        return email, organizations.create(f"Harbor {name}").id


def sign_in(page: Page, email: str) -> None:
    page.context.clear_cookies()
    page.goto("/sign-in")
    page.fill("[name=email]", email)
    page.fill("[name=password]", PASSWORD)
    page.click("main .btn-primary")


def create(page: Page, name: str) -> None:
    page.fill("[name=name]", name)
    page.fill("[name=email]", "nova@example.com")
    page.click("main .btn-primary")
    assert "/invitations/" in page.inner_text("#invitation-link")


def open_from_list(page: Page, organization_id: str) -> str:
    page.goto(f"/platform?q={organization_id}")
    page.click(".row-link")
    url = f"/platform/organizations/{organization_id}"
    assert page.url.endswith(url)
    return url


@pytest.mark.timeout(240)
@EVERY_LOOK_AND_NO_SCRIPTS
@pytest.mark.long
def test_an_organization_is_created_entered_suspended_and_resumed(
    site: Site, open_page: Open, keep: Keep, theme: str, width: int, *, scripts: bool
) -> None:
    name = f"{theme}-{width}-{scripts}".lower()
    email, organization_id = operator(site, name)
    page = open_page("/sign-in", theme=theme, width=width, java_script_enabled=scripts)
    wrong: dict[str, list[str]] = {}

    def look(what: str) -> None:
        matches = wrong_with(page, rules_of(theme)) if scripts else []
        if matches:
            wrong[what] = matches
        keep(page, f"platform-{what}-{name}")

    sign_in(page, email)
    assert page.url == f"{site.url}/platform"
    look("organizations")
    page.click("text=New organization")
    look("new")
    create(page, f"Nova {name}")
    look("created")
    url = open_from_list(page, organization_id)
    page.click("button:has-text('Enter')")
    assert f"You are in Harbor {name} as a platform owner" in page.inner_text("main")
    look("entered")
    page.click("button:text-is('Leave')")
    page.goto(url)
    page.click("a:has-text('Suspend')")
    look("suspend")
    page.click("button:has-text('Suspend organization')")
    look("suspended")
    page.click("a:has-text('Resume')")
    look("resume")
    page.click("button:has-text('Resume organization')")
    assert "resumed" in page.inner_text(".flash")
    for path in ("owners", "audit"):
        page.goto(f"/platform/{path}")
        look(path)
    assert wrong == {}
