"""First steps: what one button creates, what the checklist says, and what a real key can do."""

import re
from typing import Any

from sqlalchemy import func, select, update

from app.domain.common.clock import now_ms
from app.models import ApiKey, Delivery, Organization, TestInbox, Webhook, WebhookState
from app.models.common.base import db
from app.services.accounts.actor import SYSTEM
from app.services.webhooks import service as webhooks
from app.store.transaction import write_transaction
from tests.web.visitor import Visitor

BUTTON = "Send a sample event</button>"
HERE = "/first-steps"


def number_of(model: type[Any]) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_one_button_creates_inbox_webhook_and_sample_event(owner: Visitor) -> None:
    response = owner.post("/", f"{HERE}/test-inbox")
    assert (number_of(TestInbox), number_of(Webhook), number_of(Delivery)) == (1, 1, 1)
    page = owner.get(response.headers["Location"]).text
    assert "Your sample event" in page
    assert "On its way." in page


def test_a_second_sample_uses_the_same_inbox_and_webhook(owner: Visitor) -> None:
    owner.post("/", f"{HERE}/test-inbox")
    owner.post(HERE, f"{HERE}/test-inbox")
    assert (number_of(TestInbox), number_of(Webhook), number_of(Delivery)) == (1, 1, 2)


def test_a_sample_never_reaches_other_receivers(owner: Visitor, organization: Any) -> None:
    other = webhooks.create(organization.id, {"url": "https://example.com/hook"}, SYSTEM)
    owner.post(HERE, f"{HERE}/test-inbox")
    [delivery] = db.session.scalars(select(Delivery)).all()
    assert delivery.is_test
    assert delivery.webhook_id != other.id


def test_the_next_step_has_the_main_button_once_a_sample_was_sent(owner: Visitor) -> None:
    main_button = re.compile(
        r'<button class="btn btn-primary[^>]*>(?:<svg.*?</svg>)?([^<]+)', re.DOTALL
    )
    assert main_button.findall(owner.get(HERE).text) == ["Send a sample event"]
    location = owner.post("/", f"{HERE}/test-inbox").headers["Location"]
    assert main_button.findall(owner.get(location).text) == ["Create API key"]


def test_an_arrived_sample_is_announced(owner: Visitor) -> None:
    location = owner.post("/", f"{HERE}/test-inbox").headers["Location"]
    with write_transaction() as session:
        session.execute(update(Delivery).values(state="succeeded", attempts=1, last_status=200))
        session.execute(update(TestInbox).values(received=1))
    page = owner.get(location).text
    assert "It arrived." in page
    assert "1 of 3 done" in page


def test_the_command_has_a_key_that_can_post_events_only(owner: Visitor) -> None:
    response = owner.post(HERE, f"{HERE}/api-key")
    assert response.headers["Cache-Control"] == "no-store"
    key = re.search(r"Bearer (cb_\w+)", response.text)
    assert key
    [row] = db.session.scalars(select(ApiKey)).all()
    assert row.scopes == ["events:write"]
    assert key[1].startswith(row.prefix)
    assert key[1] not in owner.get(HERE).text


def test_the_checklist_ticks_the_key_once_it_was_used(owner: Visitor, app: Any) -> None:
    owner.post(HERE, f"{HERE}/api-key")
    assert "0 of 3 done" in owner.get(HERE).text
    with write_transaction() as session:
        session.execute(update(ApiKey).values(last_used_at=now_ms()))
    assert "1 of 3 done" in owner.get(HERE).text


def test_a_receiver_of_ones_own_gets_a_webhook_and_a_sample(owner: Visitor) -> None:
    response = owner.post(HERE, f"{HERE}/receiver", url="https://example.com/hook")
    [webhook] = db.session.scalars(select(Webhook)).all()
    assert webhook.url == "https://example.com/hook"
    assert "Your sample event" in owner.get(response.headers["Location"]).text


def test_an_invalid_receiver_keeps_its_text_and_says_why(owner: Visitor) -> None:
    response = owner.post(HERE, f"{HERE}/receiver", url="ftp://example.com/x")
    assert response.status_code == 422
    assert 'value="ftp://example.com/x"' in response.text
    assert number_of(Webhook) == 0


def finish(organization_id: str) -> None:
    webhook = webhooks.create(organization_id, {"url": "https://example.com/hook"}, SYSTEM)
    with write_transaction() as session:
        session.get_one(WebhookState, webhook.id).last_success_at = now_ms()
        key = ApiKey(id=webhook.id, organization_id=organization_id, name="a", prefix="cb_")
        key.secret_hash, key.created_at, key.last_used_at = "0" * 64, now_ms(), now_ms()
        session.add(key)


def test_the_checklist_stays_on_the_overview_until_it_is_done(
    owner: Visitor, organization: Any
) -> None:
    assert "Send your first event" in owner.get("/").text
    webhooks.create(organization.id, {"url": "https://a.example.com/"}, SYSTEM)
    assert "First steps" in owner.get("/").text
    finish(organization.id)
    assert "First steps" not in owner.get("/").text
    assert "Everything works." in owner.get(HERE).text


def test_hidden_first_steps_stay_reachable(owner: Visitor, organization: Any) -> None:
    webhooks.create(organization.id, {"url": "https://a.example.com/"}, SYSTEM)
    owner.post("/", f"{HERE}/hide")
    assert 'id="start"' not in owner.get("/").text
    assert BUTTON in owner.get(HERE).text
    assert HERE in owner.get("/settings").text
    assert db.session.get_one(Organization, organization.id).first_steps_hidden_at


def test_viewers_see_progress_without_buttons(viewer: Visitor) -> None:
    for path in ("/", HERE):
        page = viewer.get(path).text
        assert "0 of 3 done" in page
        assert BUTTON not in page


def test_an_event_of_another_organization_is_not_shown(owner: Visitor) -> None:
    page = owner.get(f"{HERE}?event=01a20139-0dad-736f-b035-e3d16c8a46f0")
    assert page.status_code == 200
    assert "Your sample event" not in page.text
    assert owner.get(f"{HERE}?event=what").status_code == 200
