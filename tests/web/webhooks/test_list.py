"""The list of webhooks: what a row shows, and its switch."""

from typing import Any

import pytest

from app.models import Webhook
from app.models.common.base import db
from app.queries import audit as audit_queries
from app.queries.audit import AuditFilter
from app.services.accounts.actor import SYSTEM
from app.services.webhooks import service as webhook_service
from tests.services.publishing import webhook
from tests.web.records import delivery
from tests.web.visitor import Visitor

URL = "https://example.com/hook"


def create(organization: Any, **settings: Any) -> str:
    return webhook_service.create(organization.id, {"url": URL} | settings, SYSTEM).id


def is_active(webhook_id: str) -> bool:
    return db.session.get_one(Webhook, webhook_id).is_active


def row(owner: Visitor, webhook_id: str) -> str:
    page = owner.get("/webhooks").text
    return page.partition(f'id="webhook-{webhook_id}"')[2].partition("</tr>")[0]


def test_a_row_shows_method_format_and_the_masked_api_key(
    owner: Visitor, organization: Any
) -> None:
    id_ = create(organization, preset="form_callback", method="PUT", api_key="key-of-studio-seven")
    text = row(owner, id_)
    assert all(words in text for words in ("PUT", "Form callback", "API key", "••••••••"))
    assert "key-of" not in text
    assert "seven" not in text


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"preset": "asset", "secret_token": "tok-123"}, "x-streams-token"),
        ({"signing": "v1a"}, "whsk_••••••••"),
        ({}, "whsec_••••••••"),
        ({"signing": "none"}, ">None<"),
    ],
)
def test_the_key_is_the_credential_that_requests_carry(
    owner: Visitor, organization: Any, settings: dict[str, Any], words: str
) -> None:
    text = row(owner, create(organization, **settings))
    assert words in text
    assert "tok-123" not in text


def test_webhooks_that_would_look_the_same_show_the_end_of_their_ids(
    owner: Visitor, organization: Any
) -> None:
    twins = [create(organization), create(organization)]
    other = create(organization, name="Other")
    assert all(f"…{id_[-6:]}" in row(owner, id_) for id_ in twins)
    assert other[-6:] not in row(owner, other).partition("</a>")[2].partition("</td>")[0]


def test_menus_tell_webhooks_of_one_url_apart(owner: Visitor, organization: Any) -> None:
    twins = [create(organization), create(organization)]
    menu = owner.get("/deliveries").text
    assert all(f"example.com/hook …{id_[-6:]}" in menu for id_ in twins)


def test_a_form_callback_says_which_fields_its_events_need(
    owner: Visitor, organization: Any
) -> None:
    needs = "All with callback_id, callback_value, callback_format"
    id_ = create(organization, preset="form_callback")
    assert needs in row(owner, id_)
    assert needs in owner.get(f"/webhooks/{id_}").text
    named = create(organization, preset="form_callback", event_types=["transcoding.finished"])
    assert needs not in row(owner, named)


def test_the_switch_pauses_and_resumes_and_is_audited(owner: Visitor, organization: Any) -> None:
    id_ = create(organization)
    response = owner.post("/webhooks", f"/webhooks/{id_}/active", active="no")
    assert response.location == f"/webhooks#webhook-{id_}"
    assert not is_active(id_)
    owner.post("/webhooks", f"/webhooks/{id_}/active", active="yes")
    assert is_active(id_)
    actions = [entry.action for entry in audit_queries.page(organization.id, AuditFilter()).rows]
    assert actions[:2] == ["webhook.resume", "webhook.pause"]


def test_a_second_click_on_an_outdated_page_changes_nothing(
    owner: Visitor, organization: Any
) -> None:
    id_ = create(organization)
    for _ in range(2):
        owner.post("/webhooks", f"/webhooks/{id_}/active", active="no")
    assert not is_active(id_)
    actions = [entry.action for entry in audit_queries.page(organization.id, AuditFilter()).rows]
    assert actions.count("webhook.pause") == 1


@pytest.mark.parametrize(("active", "words"), [(True, "will be on hold"), (False, "sent now")])
def test_the_switch_asks_when_deliveries_wait(
    owner: Visitor, organization: Any, active: bool, words: str
) -> None:
    id_ = webhook(organization.id, is_active=active)
    for _ in range(2):
        delivery(organization.id, id_, "pending", (), next_at=1)
    wanted = "no" if active else "yes"
    response = owner.post("/webhooks?q=exam", f"/webhooks/{id_}/active", active=wanted, q="exam")
    assert is_active(id_) is active
    asked = owner.get(response.location).text
    assert "2 deliveries" in asked
    assert words in asked
    confirmed = {"active": wanted, "confirmed": "yes", "q": "exam"}
    done = owner.post(response.location, f"/webhooks/{id_}/active", **confirmed)
    assert done.location == f"/webhooks?q=exam#webhook-{id_}"
    assert is_active(id_) is not active


def test_a_viewer_sees_no_switch_and_may_not_use_it(
    owner: Visitor, viewer: Visitor, organization: Any
) -> None:
    id_ = create(organization)
    assert 'role="switch"' not in viewer.get("/webhooks").text
    assert (
        viewer.post("/settings/account", f"/webhooks/{id_}/active", active="no").status_code == 403
    )
    assert is_active(id_)


def test_the_row_has_links_to_edit_and_delete(owner: Visitor, organization: Any) -> None:
    id_ = create(organization)
    text = row(owner, id_)
    assert f"/webhooks/{id_}/edit" in text
    assert f"/webhooks/{id_}/delete" in text
