"""Accounts of people, in a browser with scripts and in one without."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from playwright.sync_api import Page

from app.queries.accounts import users as accounts
from app.runtime.context import runtime_of
from app.services.accounts import organizations
from app.services.sign_in import link_tokens
from app.store.transaction import write_transaction
from tests.browser.conftest import Open
from tests.browser.support.looks import EVERY_LOOK_AND_NO_SCRIPTS
from tests.browser.support.site import Site
from tests.browser.test_every_page import rules_of, wrong_with
from tests.services.people import PASSWORD, Authenticator, person

Keep = Callable[[Page, str], None]


def newcomer(site: Site, name: str, *, requires_two_factor: bool = False) -> tuple[str, Any]:
    """An owner of an organization of their own: address and organization."""
    email = f"{name}@example.com"
    with site.app.app_context():
        organization = organizations.create("Second Reel")
        person(email, organization.id, "owner", PASSWORD)
        if requires_two_factor:
            with write_transaction() as session:
                stored = session.get(type(organization), organization.id)
                assert stored
                stored.requires_two_factor = True
    return email, organization


def user_id(site: Site, email: str) -> str:
    with site.app.app_context():
        user = accounts.user_by_email(email)
        assert user
        return user.id


def press(page: Page, words: str) -> None:
    page.get_by_role("button", name=words, exact=True).click()


def sign_in(page: Page, email: str) -> None:
    page.context.clear_cookies()
    page.goto("/sign-in")
    page.fill("[name=email]", email)
    page.fill("[name=password]", PASSWORD)
    page.click("main .btn-primary")


class Look:
    """Collects what is wrong with the pages that a test walks through."""

    def __init__(self, page: Page, keep: Keep, theme: str, suffix: str, *, scripts: bool) -> None:
        self._page, self._keep, self._theme, self._suffix = page, keep, theme, suffix
        self._scripts = scripts
        self.wrong: dict[str, list[str]] = {}

    def at(self, name: str) -> None:
        # The accessibility rules are a script themselves.
        wrong = wrong_with(self._page, rules_of(self._theme)) if self._scripts else []
        if wrong:
            self.wrong[name] = wrong
        self._keep(self._page, f"{name}-{self._suffix}")


@pytest.mark.timeout(240)
@EVERY_LOOK_AND_NO_SCRIPTS
@pytest.mark.long
def test_two_factor_authentication_from_enrolment_to_sign_in(
    site: Site, open_page: Open, keep: Keep, theme: str, width: int, *, scripts: bool
) -> None:
    email, _ = newcomer(site, f"enrols-{theme}-{width}", requires_two_factor=True)
    page = open_page("/sign-in", theme=theme, width=width, java_script_enabled=scripts)
    look = Look(page, keep, theme, f"{theme}-{width}", scripts=scripts)
    sign_in(page, email)
    assert page.url == f"{site.url}/settings/account/two-factor"
    look.at("two-factor-required")
    codes = enrol(site, page, look, email)
    page.click("text=I have saved them")
    assert page.url == f"{site.url}/"
    page.goto("/settings/account/two-factor")
    look.at("two-factor-manage")
    sign_in(page, email)
    look.at("second-step")
    page.click("text=Use a recovery code")
    look.at("second-step-recovery")
    page.fill("[name=code]", codes[0])
    press(page, "Verify")
    assert page.url == f"{site.url}/"
    page.goto("/settings")
    look.at("organization")
    assert look.wrong == {}


def enrol(site: Site, page: Page, look: Look, email: str) -> list[str]:
    """Set up an authenticator app, the first time with a wrong code. Returns recovery codes."""
    press(page, "Set up")
    phone = Authenticator(user_id(site, email), page.inner_text("#totp-secret"))
    page.fill("[name=code]", "000")
    page.fill("[name=current]", PASSWORD)
    press(page, "Turn on")
    assert "Incorrect code." in page.inner_text("#code-error")
    look.at("two-factor-enrol")
    page.fill("[name=code]", phone.code())
    page.fill("[name=current]", PASSWORD)
    press(page, "Turn on")
    codes = page.inner_text("#recovery-codes").split()
    assert len(codes) == 10
    look.at("two-factor-recovery-codes")
    return codes


@pytest.mark.timeout(240)
@EVERY_LOOK_AND_NO_SCRIPTS
@pytest.mark.long
def test_invitations_and_password_resets(
    site: Site, open_page: Open, keep: Keep, theme: str, width: int, *, scripts: bool
) -> None:
    email, _ = newcomer(site, f"invites-{theme}-{width}")
    page = open_page("/password-reset", theme=theme, width=width, java_script_enabled=scripts)
    look = Look(page, keep, theme, f"{theme}-{width}", scripts=scripts)
    look.at("password-reset-without-mail")
    runtime = runtime_of(site.app)
    before = runtime.settings
    runtime.settings = replace(before, smtp_url="smtp://127.0.0.1:1")
    try:
        page.context.clear_cookies()
        page.goto("/sign-in")
        look.at("sign-in")
        page.click("text=Forgot your password?")
        page.fill("[name=email]", "ada")
        press(page, "Send link")
        look.at("password-reset")
        page.fill("[name=email]", email)
        press(page, "Send link")
        assert page.url == f"{site.url}/password-reset/sent"
        look.at("password-reset-sent")
        sign_in(page, email)
        page.goto("/settings/members")
        page.fill("[name=email]", f"a.person.with.a.long.name.{theme}.{width}@studios.example.com")
        press(page, "Create invite")
        look.at("members-invited")
        press(page, "Resend")
        assert "/invitations/" in page.inner_text("#invitation-link")
        with site.app.app_context():
            user = accounts.user_by_email(email)
            assert user
            token = link_tokens.password_reset(user)
        page.context.clear_cookies()
        page.goto(f"/password-reset/{token}")
        look.at("new-password")
    finally:
        runtime.settings = before
    assert look.wrong == {}


@pytest.mark.timeout(240)
@EVERY_LOOK_AND_NO_SCRIPTS
@pytest.mark.long
def test_an_api_key_is_limited_to_networks(
    site: Site, open_page: Open, keep: Keep, theme: str, width: int, *, scripts: bool
) -> None:
    email, _ = newcomer(site, f"keys-{theme}-{width}")
    page = open_page("/sign-in", theme=theme, width=width, java_script_enabled=scripts)
    look = Look(page, keep, theme, f"{theme}-{width}", scripts=scripts)
    sign_in(page, email)
    page.goto("/settings/api-keys")
    page.fill("[name=name]", "Encoders in Oslo")
    page.fill("[name=allowed_networks]", "10.0.0.1/8")
    press(page, "Create API key")
    assert "Use 10.0.0.0/8." in page.inner_text("#allowed_networks-error")
    page.fill("[name=allowed_networks]", "203.0.113.0/24\n2001:db8::/32")
    press(page, "Create API key")
    look.at("api-keys-with-networks")
    page.get_by_role("link", name="Networks of Encoders in Oslo").click()
    page.fill("[name=allowed_networks]", "198.51.100.7")
    look.at("api-key-networks")
    press(page, "Save")
    assert "from 198.51.100.7/32" in page.inner_text("main")
    assert look.wrong == {}
