"""What is so on every page."""

import re
from typing import Any

import pytest
from flask import Flask

from app.domain.common.clock import now_ms
from app.models import WebhookState
from app.models.common.base import db
from app.queries.accounts import users as accounts
from app.services.accounts import members, organizations
from app.services.accounts.actor import SYSTEM
from app.store.transaction import write_transaction
from tests.services.publishing import webhook
from tests.web.records import delivery, event
from tests.web.visitor import Visitor

PATHS = ("/", "/deliveries", "/events", "/events/new", "/webhooks", "/webhooks/new", "/nothing")


@pytest.mark.parametrize("path", [*PATHS, "/sign-in"])
def test_the_policy_allows_nothing_inline(owner: Visitor, sqlite_app: Flask, path: str) -> None:
    page = Visitor(sqlite_app).get(path) if path == "/sign-in" else owner.get(path)
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=", page.text)


@pytest.mark.parametrize("name", ["app.css", "app.js"])
def test_bundles_are_immutable_under_their_digest(owner: Visitor, name: str) -> None:
    stem, ending = name.split(".")
    path = re.search(rf"/assets/{stem}-[0-9a-f]+\.{ending}", owner.get("/").text)
    assert path
    response = owner.get(path[0], headers={"Accept-Encoding": "gzip"})
    assert "immutable" in response.headers["Cache-Control"]
    assert response.headers["Content-Encoding"] == "gzip"
    assert "immutable" not in owner.get(f"/assets/{stem}-0.{ending}").headers["Cache-Control"]
    assert owner.get("/assets/other-0.css").status_code == 404


def test_the_first_load_is_small(owner: Visitor, organization: Any) -> None:
    for _ in range(50):
        delivery(organization.id, webhook(organization.id))
    assert len(owner.get("/deliveries").data) < 150_000


def test_an_error_page_has_an_id(owner: Visitor) -> None:
    page = owner.get("/nothing")
    assert page.status_code == 404
    assert re.search(r"Include this ID.*<code>[0-9a-f]{16}</code>", page.text)


def test_an_error_is_logged_and_rendered(
    owner: Visitor, sqlite_app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    sqlite_app.config["PROPAGATE_EXCEPTIONS"] = False
    sqlite_app.view_functions["overview.show"] = lambda: 1 / 0
    page = owner.get("/")
    assert page.status_code == 500
    incident = re.search(r"<code>([0-9a-f]{16})</code>", page.text)
    assert incident
    assert incident[1] in caplog.text


def test_a_forged_form_changes_nothing(owner: Visitor, organization: Any) -> None:
    page = f"/webhooks/{webhook(organization.id)}"
    assert owner.send(f"{page}/pause", csrf_token="x").status_code == 303
    assert "Paused" not in owner.get(page).text.partition("<h1>")[2].partition("</h1>")[0]


def test_the_theme_is_stored(owner: Visitor) -> None:
    assert owner.post("/webhooks/new", "/theme", theme="dark").status_code == 303
    assert '<html lang="en" data-theme="dark">' in owner.get("/").text
    owner.post("/webhooks/new", "/theme", theme='"><script>')
    assert '<html lang="en">' in owner.get("/").text


def test_a_user_switches_organizations(owner: Visitor) -> None:
    other = organizations.create("Second Stage")
    user = accounts.user_by_email("owner@example.com")
    assert user is not None
    with write_transaction() as session:
        members.add(session, other.id, user.id, "viewer", SYSTEM)
    switch = re.search(rf'action="([^"]*{other.id}[^"]*)"', owner.get("/").text)
    assert switch
    owner.post("/", switch[1])
    assert "Second Stage" in owner.get("/").text.partition("<summary")[2].partition("</summary>")[0]


def test_a_new_organization_sees_the_first_steps(owner: Visitor) -> None:
    page = owner.get("/").text
    assert "Send your first event" in page
    assert "All good." not in page


def test_the_overview_shows_failing_webhooks(owner: Visitor, organization: Any) -> None:
    hook = webhook(organization.id, name="Partner")
    event(organization.id)
    assert "All good." in owner.get("/").text
    with write_transaction() as session:
        state = session.get_one(WebhookState, hook)
        state.failing_since = now_ms() - 3_600_000
        state.last_failure_cause, state.consecutive_failures = "tls_expired", 3
    page = owner.get("/").text
    assert "Last 3 attempts failed: TLS: certificate expired" in page
    assert "favicon-amber" in page


def test_a_disabled_webhook_turns_the_favicon_red(owner: Visitor, organization: Any) -> None:
    reason = "All attempts failed for 5 days."
    webhook(organization.id, is_active=False, disabled_reason=reason, disabled_at=now_ms())
    event(organization.id)
    page = owner.get("/").text
    assert reason in page
    assert "favicon-red" in page


def test_queued_deliveries_without_a_worker_are_reported(owner: Visitor, organization: Any) -> None:
    delivery(organization.id, webhook(organization.id), "pending", (), next_at=now_ms() - 1000)
    assert "No delivery worker is running" in owner.get("/").text
    db.session.rollback()


def test_a_banner_warns_while_webhooks_may_call_private_addresses(owner: Visitor) -> None:
    page = owner.get("/").text
    assert "<summary>Webhooks may call private addresses</summary>" in page
    assert "<code>127.0.0.0/8, ::1/128</code>. Unset <code>ALLOWED_PRIVATE_NETWORKS" in page
