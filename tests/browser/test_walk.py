"""A new user's first half hour: from the sign-in link to a receiver that broke and was mended."""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.acceptance.conftest import eventually
from tests.support.product import ROOT, Product

pytestmark = [
    pytest.mark.acceptance,
    # Each step is tested by itself, in tests/browser, tests/acceptance and tests/examples.
    pytest.mark.long,
    pytest.mark.skipif(not shutil.which("ffmpeg"), reason="There is no ffmpeg here."),
]
# What the producer tells of a video in one quality, in alphabetical order.
EVENTS = [
    "encoding.finished",
    "encoding.started",
    "file.received",
    "partial.finished",
    "thumbnails.finished",
    "transcoding.finished",
]
# Milliseconds, for what workers do meanwhile; a page by itself is much faster.
PATIENCE = 15_000


@pytest.fixture
def page(product: Product, browser: Browser) -> Iterator[Page]:
    context = browser.new_context(base_url=product.url, viewport={"width": 1440, "height": 900})
    context.set_default_timeout(PATIENCE)
    yield context.new_page()
    context.close()


def printed_link(product: Product) -> str:
    """What a person copies from the terminal. It comes a moment after the product is ready."""
    link = re.compile(rf"{product.url}/sign-in/link/\S+")
    eventually(lambda: link.search(product.output()) is not None)
    links: list[str] = link.findall(product.output())
    return links[0]


def key_of_the_first_command(product: Product) -> str:
    """A log gets no key, only the command that prints one."""
    assert "-m app.cli demo-curl" in product.output()
    keys: list[str] = re.findall(r"cb_[0-9a-f]{32}_\w+", product.cli("demo-curl"))
    return keys[0]


def produce(product: Product, key: str, folder: Path) -> None:
    command = [sys.executable, str(ROOT / "examples" / "producer.py"), "--url", product.url]
    video = ("--seconds", "0.4", "--qualities", "144p", "--out", str(folder))
    subprocess.run([*command, "--key", key, *video], check=True, capture_output=True, timeout=170)


def sign_in(page: Page, link: str) -> None:
    page.goto(link)
    page.get_by_label("Your email").fill("ada@example.com")
    page.get_by_label("Your name").fill("Ada")
    page.get_by_label("Password").fill("three calm cue lights")
    page.get_by_role("button", name="Create account").click()
    expect(page.locator("h1")).to_have_text("Overview")


def create_webhook_to_a_test_inbox(page: Page) -> str:
    page.get_by_role("link", name="Test inbox", exact=True).click()
    page.get_by_role("button", name="Create test inbox").click()
    page.wait_for_url("**/test-inbox/*-*")
    inbox_url = page.url
    page.get_by_role("link", name="Create webhook").first.click()
    page.get_by_role("link", name="Encoding lifecycle").click()
    page.fill("#name", "Trying it out")
    page.fill("#retry_policy_max_attempts", "2")
    page.fill("#retry_policy_interval_seconds", "1")
    expect(page.locator("#preview")).to_contain_text("encoding")
    page.get_by_role("button", name="Create webhook").click()
    expect(page.locator("h1")).to_contain_text("Trying it out")
    return inbox_url


def respond_with(page: Page, inbox_url: str, status: str) -> None:
    page.goto(inbox_url)
    page.get_by_role("link", name="Response settings").click()
    page.get_by_label("Status").fill(status)
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".inbox-facts")).to_contain_text(f"{status}, no delay")


def see_the_failure_and_its_cause(page: Page) -> None:
    page.get_by_role("link", name="Issues").click()
    failure = page.locator(".issue")
    expect(failure).to_contain_text("Trying it out")
    expect(failure).to_contain_text("HTTP 500 Internal Server Error.")
    page.get_by_role("link", name="View example").click()
    expect(page.locator("h1")).to_contain_text("Failed")
    expect(page.locator("main")).to_contain_text("500 Internal Server Error")


def recover(page: Page) -> None:
    page.get_by_role("link", name="Webhooks", exact=True).click()
    page.get_by_role("link", name="Trying it out", exact=True).click()
    page.get_by_role("link", name="Resend failed").first.click()
    page.get_by_role("button", name=f"Resend {len(EVENTS)}").click()
    expect(page.locator(".flash-success")).to_contain_text(f"{len(EVENTS)} deliveries queued")


def test_a_new_user_gets_from_the_first_link_to_a_recovered_webhook(
    product: Product, page: Page, tmp_path: Path
) -> None:
    link = printed_link(product)
    key = key_of_the_first_command(product)
    sign_in(page, link)
    inbox_url = create_webhook_to_a_test_inbox(page)
    page.goto(inbox_url)
    produce(product, key, tmp_path)
    received = page.locator(".inbox-requests li")
    expect(received).to_have_count(len(EVENTS), timeout=PATIENCE)
    assert sorted(received.locator(".clip").all_inner_texts()) == EVENTS
    expect(page.locator("#selected")).to_contain_text("Signature valid")

    respond_with(page, inbox_url, "500")
    produce(product, key, tmp_path)
    page.get_by_role("link", name="Deliveries", exact=True).click()
    expect(page.locator(".chip-failed")).to_have_count(len(EVENTS), timeout=PATIENCE)
    see_the_failure_and_its_cause(page)

    respond_with(page, inbox_url, "200")
    recover(page)
    # Half of an hour's attempts is still a failing webhook.
    produce(product, key, tmp_path)
    page.get_by_role("link", name="Deliveries", exact=True).click()
    expect(page.locator(".chip-succeeded")).to_have_count(3 * len(EVENTS), timeout=PATIENCE)
    page.get_by_role("link", name="Overview", exact=True).click()
    expect(page.locator(".calm")).to_contain_text("All good.")
    expect(page.locator("link[rel=icon]")).to_have_attribute("href", re.compile("favicon-green"))
    expect(page.get_by_role("heading", name="Recent failures")).to_have_count(0)
