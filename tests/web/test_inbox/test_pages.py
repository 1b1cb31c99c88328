"""A catcher's URL, and the pages that show what came to it."""

import dataclasses
import threading
import time
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import create_app
from app.domain.common.errors import Invalid
from app.models import TestInboxRequest, Webhook
from app.models.common.base import db
from app.queries import test_inbox as queries
from app.runtime.configuration.settings import Settings
from app.runtime.context import runtime_of
from app.runtime.limits.api_keys import RateLimiter
from app.runtime.limits.storage import LimitStorage
from app.services.accounts.actor import SYSTEM
from app.services.test_inbox import inboxes
from app.services.webhooks import service as webhooks
from tests.web.visitor import Visitor


@pytest.fixture
def inbox(sqlite_app: Flask, organization: Any) -> Any:
    return inboxes.create(organization.id, {}, SYSTEM)


def newest(inbox: Any) -> TestInboxRequest:
    db.session.rollback()
    return queries.caught(inbox.organization_id, inbox.id, 1).rows[0]


def tell(inbox: Any, **manner: Any) -> None:
    inboxes.update(inbox.organization_id, inbox.id, manner, SYSTEM)


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "BREW"])
def test_any_method_is_recorded(client: FlaskClient, inbox: Any, method: str) -> None:
    response = client.open(f"/catch/{inbox.token}?a=1", method=method, data=b"x")
    assert (response.status_code, response.text) == (200, "Caught by Callboard.\n")
    assert "Set-Cookie" not in response.headers
    row = newest(inbox)
    assert (row.method, row.target) == (method, f"/catch/{inbox.token}?a=1")


@pytest.mark.parametrize("path", ["/catch/" + "x" * 32, "/catch/%00", "/catch/\u00e9"])
def test_an_unknown_token_is_a_404(client: FlaskClient, inbox: Any, path: str) -> None:
    assert client.post(path, data=b"x").status_code == 404


@pytest.mark.parametrize("status", [204, 302, 418, 500, 599])
def test_the_configured_status_is_returned(client: FlaskClient, inbox: Any, status: int) -> None:
    tell(inbox, status=status)
    assert client.post(f"/catch/{inbox.token}").status_code == status
    assert newest(inbox).status == status


def test_a_failure_rate_of_100_percent_always_fails(client: FlaskClient, inbox: Any) -> None:
    tell(inbox, failure_percent=100)
    response = client.post(f"/catch/{inbox.token}")
    assert response.status_code == 503
    assert "on purpose" in response.text
    assert newest(inbox).why == "failure"


def test_a_response_is_delayed_as_configured(client: FlaskClient, inbox: Any) -> None:
    tell(inbox, delay_seconds=0.2)
    began = time.monotonic()
    assert client.post(f"/catch/{inbox.token}").status_code == 200
    assert time.monotonic() - began >= 0.2


def test_the_number_of_delayed_responses_is_bounded(client: FlaskClient, inbox: Any) -> None:
    delays = runtime_of(client.application).test_inbox_delays = threading.BoundedSemaphore(1)
    tell(inbox, delay_seconds=10)
    with delays:
        response = client.post(f"/catch/{inbox.token}")
    assert (response.status_code, response.headers["Retry-After"]) == (503, "1")
    assert newest(inbox).why == "busy"


def test_requests_over_the_rate_limit_are_not_stored(client: FlaskClient, inbox: Any) -> None:
    runtime = runtime_of(client.application)
    runtime.test_inbox_limiter = RateLimiter(LimitStorage(runtime.redis), "test", 2, 60)
    statuses = [client.post(f"/catch/{inbox.token}").status_code for _ in range(4)]
    assert statuses == [200, 200, 429, 429]
    db.session.rollback()
    row = queries.get(inbox.organization_id, inbox.id)
    assert row is not None
    assert row.received == 2


def test_a_large_body_is_read_completely_and_stored_truncated(
    client: FlaskClient, inbox: Any
) -> None:
    assert client.post(f"/catch/{inbox.token}", data=b"x" * (5 << 20)).status_code == 200
    row = newest(inbox)
    assert (row.bytes, len(row.body)) == (5 << 20, 64 * 1024)


def test_an_excessive_body_is_rejected(client: FlaskClient, inbox: Any) -> None:
    said = {"CONTENT_LENGTH": str(1 << 30)}
    response = client.post(f"/catch/{inbox.token}", environ_overrides=said)
    assert response.status_code == 413


def test_one_click_creates_a_test_inbox_and_shows_the_next_step(
    owner: Visitor, organization: Any
) -> None:
    assert "No test inbox yet" in owner.get("/test-inbox").text
    created = owner.post("/test-inbox")
    assert created.status_code == 303
    page = owner.get(created.headers["Location"])
    [row] = queries.listed(organization.id)
    assert f"http://127.0.0.1:8000/catch/{row.token}" in page.text
    assert "No requests yet" in page.text
    assert row.name in owner.get("/test-inbox").text


def test_the_newest_request_is_shown_first_and_any_other_can_be_selected(
    owner: Visitor, client: FlaskClient, inbox: Any
) -> None:
    form = {"callback_id": "7", "name": "<b>bold</b>"}
    client.post(f"/catch/{inbox.token}", data=form)
    first = newest(inbox)
    client.post(f"/catch/{inbox.token}", json={"n": [1]}, headers={"X-Own": "yes"})
    page = owner.get(f"/test-inbox/{inbox.id}").text
    assert "2 requests" in page
    assert "X-Own" in page
    assert 'class="json-key"' in page
    page = owner.get(f"/test-inbox/{inbox.id}/requests/{first.id}").text
    assert "callback_id" in page
    assert "&lt;b&gt;bold" in page
    assert "X-Own" not in page


def test_polling_returns_content_only_after_a_new_request(
    owner: Visitor, client: FlaskClient, inbox: Any
) -> None:
    client.post(f"/catch/{inbox.token}")
    seen = f"1.{newest(inbox).id}"
    path = f"/test-inbox/{inbox.id}?seen={seen}"
    assert owner.get(path, headers={"HX-Request": "true"}).status_code == 204
    assert owner.get(path).status_code == 200
    client.post(f"/catch/{inbox.token}")
    assert owner.get(path, headers={"HX-Request": "true"}).status_code == 200


def test_the_response_settings_are_changed_on_their_page(owner: Visitor, inbox: Any) -> None:
    path = f"/test-inbox/{inbox.id}/settings"
    fields = {"name": "Trouble", "status": "500", "delay_seconds": "1.5", "failure_percent": "20"}
    assert owner.post(path, **fields).status_code == 303
    page = owner.get(f"/test-inbox/{inbox.id}").text
    assert "Trouble" in page
    assert "1.5 s" in page
    refused = owner.post(path, **fields | {"status": "9", "delay_seconds": "abc"})
    assert refused.status_code == 422
    assert 'value="abc"' in refused.text
    assert "9 is out of range" in refused.text


def test_a_test_inbox_is_cleared_and_deleted(
    owner: Visitor, client: FlaskClient, inbox: Any
) -> None:
    client.post(f"/catch/{inbox.token}")
    page = f"/test-inbox/{inbox.id}"
    assert owner.post(page, f"{page}/clear").status_code == 303
    assert "No requests yet" in owner.get(page).text
    assert owner.post(f"{page}/delete").status_code == 303
    assert owner.get(page).status_code == 404
    assert client.post(f"/catch/{inbox.token}").status_code == 404


def test_a_viewer_sees_a_test_inbox_but_cannot_change_it(viewer: Visitor, inbox: Any) -> None:
    page = f"/test-inbox/{inbox.id}"
    shown = viewer.get(page)
    assert shown.status_code == 200
    assert f"{page}/settings" not in shown.text
    assert viewer.get(f"{page}/settings").status_code == 403
    assert viewer.post(page, f"{page}/clear").status_code == 403


def test_secrets_of_a_webhook_are_masked_for_viewers(
    owner: Visitor, viewer: Visitor, client: FlaskClient, inbox: Any
) -> None:
    fields = {"url": "https://example.com/", "secret_token": "tok-5678", "preset": "asset"}
    webhook = webhooks.create(inbox.organization_id, fields, SYSTEM)
    headers = {"X-Streams-Token": "tok-5678", "X-Callboard-Webhook-Id": webhook.id}
    client.post(f"/catch/{inbox.token}", headers=headers)
    assert "tok-5678" in owner.get(f"/test-inbox/{inbox.id}").text
    assert "tok-5678" not in viewer.get(f"/test-inbox/{inbox.id}").text


def test_a_webhook_may_call_a_test_inbox_on_a_private_address(
    settings: Settings, organization: Any
) -> None:
    strict = dataclasses.replace(settings, allowed_private_networks=())
    app = create_app(strict)
    with app.app_context():
        row = inboxes.create(organization.id, {}, SYSTEM)
        url = f"{strict.public_url}/catch/{row.token}"
        created = webhooks.create(organization.id, {"url": url}, SYSTEM)
        assert db.session.get(Webhook, created.id) is not None
        assert queries.senders(organization.id, url)[0].id == created.id
        for inside in (f"{strict.public_url}/api/v1/events", f"{url}/../../healthz"):
            with pytest.raises(Invalid):
                webhooks.create(organization.id, {"url": inside}, SYSTEM)
        db.session.remove()
        db.engine.dispose()
