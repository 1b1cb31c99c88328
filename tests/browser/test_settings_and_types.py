"""The catalogue of event types, and who hears of what, what is kept and what was done."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from playwright.sync_api import Page, expect

from app.domain.common.clock import now_ms
from app.domain.event_types.fields import EventTypeFields
from app.domain.notifications.system_events import FAILED, FAILING
from app.models import QueuedEmail
from app.models.common.base import db
from app.runtime.context import runtime_of
from app.services.accounts.actor import SYSTEM, Actor
from app.services.event_types import service as event_types
from app.services.webhooks import service as webhooks
from app.store.transaction import write_transaction
from tests.browser.conftest import Open
from tests.browser.support.looks import EVERY_LOOK
from tests.browser.support.site import Site
from tests.browser.test_every_page import rules_of, wrong_with
from tests.services.people import person

SCHEMA = {
    "type": "object",
    "required": ["media_id"],
    "properties": {"media_id": {"type": "string", "format": "uuid"}, "n": {"type": "integer"}},
}
OPENAPI = (
    '{"openapi": "3.1.0", "webhooks": {"media.removed": {"post": {"summary": "It is gone."}},'
    ' "media.ready": {"post": {"summary": "Changed."}}, "not a name": {"post": {}}}}'
)
LONG = "media.a.very.long.name.that.goes.on.and.on.for.nobody.knows.how.long"
PATHS = {
    "event-types": "/event-types",
    "event-types-none": "/event-types?q=nothing-like-it",
    "event-type": "/event-types/media.ready",
    "event-type-bare": f"/event-types/{LONG}",
    "event-type-own": "/event-types/webhook.failing",
    "event-type-new": "/event-type-new",
    "event-type-edit": "/event-types/media.ready/edit",
    "event-type-delete": "/event-types/media.ready/delete",
    "event-type-import": "/event-type-import",
    "notifications": "/settings/notifications",
    "retention": "/settings/retention",
    "quotas": "/settings/quotas",
    "audit": "/settings/audit",
    "audit-none": "/settings/audit?actor=nobody-at-all",
}


@pytest.fixture(scope="module")
def furnished(site: Site) -> Iterator[Site]:
    """Types, mails and things that were done."""
    original = runtime_of(site.app).settings
    runtime_of(site.app).settings = replace(original, smtp_url="smtp://127.0.0.1:9")
    with site.app.app_context():
        _describe(site)
        _tell(site)
        db.session.remove()
    yield site
    runtime_of(site.app).settings = original


def _describe(site: Site) -> None:
    sample = b'{"media_id": "5ad1b5d2-1f0e-4a53-9a86-0a1f7e5f6e21", "n": 3}'
    described = EventTypeFields("A file can be watched.", sample, SCHEMA)
    for name, fields in (("media.ready", described), (LONG, EventTypeFields())):
        event_types.put(site.organization_id, name, fields, SYSTEM)


def _tell(site: Site) -> None:
    user = person("jo.of-a-rather-long-name@example.com", site.organization_id, "member")
    ada = Actor("user", user.id, user.email, "203.0.113.7")
    changed = {"headers": {"X-Very-Long-Header-Name": "x" * 120}, "timeout_seconds": 9}
    webhooks.update(site.organization_id, site.hooks["healthy"], changed, ada)
    columns = {"organization_id": site.organization_id, "user_id": user.id, "news": []}
    with write_transaction() as session:
        for state, problem in (("sent", None), ("waiting", None), ("failed", "550 no such user")):
            session.add(
                QueuedEmail(
                    webhook_id=site.hooks["failing"],
                    state=state,
                    counts={FAILING: 1, FAILED: 312},
                    created_at=now_ms(),
                    problem=problem,
                    **columns,
                )
            )


@EVERY_LOOK
def test_settings_and_event_type_pages_are_accessible(
    furnished: Site, open_page: Open, keep: Callable[[Page, str], None], theme: str, width: int
) -> None:
    page = open_page("/", theme=theme, width=width)
    faults_by_page: dict[str, list[str]] = {}
    for name, path in PATHS.items():
        response = page.goto(path)
        assert response is not None
        assert response.ok, name
        for details in page.locator("main details").all()[:3]:
            details.evaluate("element => { element.open = true }")
        faults_by_page[name] = wrong_with(page, rules_of(theme))
        keep(page, f"{name}-{theme}-{width}")
    assert {name: wrong for name, wrong in faults_by_page.items() if wrong} == {}


def test_event_types_are_imported_from_a_document(
    furnished: Site, open_page: Open, keep: Callable[[Page, str], None]
) -> None:
    page = open_page("/event-type-import", width=390)
    page.fill("#document", OPENAPI)
    page.get_by_role("button", name="Review").click()
    expect(page.locator(".planned li")).to_have_count(3)
    assert wrong_with(page) == []
    keep(page, "event-type-planned-light-390")
    page.get_by_label("media.ready").uncheck()
    page.get_by_role("button", name="Import selected").click()
    expect(page.locator(".flash-success")).to_contain_text("1 event type imported")
    page.get_by_role("link", name="media.removed").click()
    expect(page.locator(".page-lead")).to_have_text("It is gone.")


def test_an_event_that_does_not_match_its_schema_needs_confirmation(
    furnished: Site, open_page: Open
) -> None:
    page = open_page("/event-types/media.ready")
    page.get_by_role("link", name="Send a sample").click()
    page.fill("#payload", '{"n": "three"}')
    page.get_by_role("button", name="Send event").click()
    expect(page.locator("#payload-error")).to_contain_text("'media_id' is a required property")
    page.get_by_label("Send although").check()
    page.get_by_role("button", name="Send event").click()
    expect(page.locator(".flash-success")).to_contain_text("Event sent")


def test_an_unreachable_mail_server_is_reported(furnished: Site, open_page: Open) -> None:
    page = open_page("/settings/notifications")
    page.get_by_role("button", name="Send test email").click()
    expect(page.locator(".flash-error")).to_contain_text("127.0.0.1:9 cannot be reached")
    page.get_by_label("Delivery failed").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_label("Delivery failed")).to_be_checked()


def test_an_operation_is_found_and_sent_with_the_persons_rights(open_page: Open) -> None:
    page = open_page("/api-reference")
    search = page.get_by_label("Search operations")
    search.fill("post event")
    search.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/api-reference/createEvent")
    page.get_by_role("button", name="Send POST request").click()
    response = page.get_by_role("region", name="Response", exact=True)
    expect(response).to_contain_text("202")
    expect(response).to_contain_text(" ms")
    expect(response).to_contain_text('"type": "encoding.finished"')
    page.get_by_role("textbox", name="Request body").fill("{}")
    page.get_by_role("button", name="Send POST request").click()
    expect(response).to_contain_text("422")
    response.get_by_text("Headers").click()
    expect(response).to_contain_text("x-ratelimit-limit")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_row_of_tabs_marks_the_edge_behind_which_there_are_more(
    open_page: Open, theme: str
) -> None:
    page = open_page("/settings", width=390, theme=theme)
    tabs = page.get_by_role("list", name="Settings")
    box = tabs.bounding_box()
    assert box is not None

    def edge(x: float) -> bytes:
        return page.screenshot(clip={"x": x, "y": box["y"] + 4, "width": 3, "height": 1})

    left, right = box["x"], box["x"] + box["width"] - 3
    paper = page.screenshot(clip={"x": 2, "y": box["y"] + 4, "width": 3, "height": 1})
    assert (edge(left) == paper, edge(right) == paper) == (True, False)
    tabs.evaluate("list => list.scrollTo(list.scrollWidth, 0)")
    assert (edge(left) == paper, edge(right) == paper) == (False, True)


def test_tabs_that_fit_have_no_mark_between_the_pixels_of_the_screen(open_page: Open) -> None:
    page = open_page("/", device_scale_factor=1.5)
    box = page.get_by_role("list", name="Time range").bounding_box()
    assert box is not None
    clip = {"y": box["y"], "width": 6, "height": box["height"]}
    edge = page.screenshot(clip={**clip, "x": box["x"] + box["width"] - 6})
    assert edge == page.screenshot(clip={**clip, "x": box["x"] + box["width"] + 2})
