from typing import Any

from app.models import EventType
from app.services.accounts.actor import SYSTEM
from app.services.webhooks import service as verbs
from app.store.transaction import write_transaction
from tests.web.visitor import Visitor
from tests.web.webhook_forms import filled, stored


def test_another_preset_changes_only_untouched_fields(owner: Visitor) -> None:
    values = filled(owner) | {
        "url": "https://example.com/a",
        "timeout_seconds": "7",
        "preset": "render",
        "action": "preset",
    }
    page = owner.send("/webhooks/new", **values).text
    assert 'value="7"' in page
    assert 'value="200-399"' in page
    assert "https://example.com/a" in page
    assert stored() == []


def test_another_preset_is_never_saved_with_the_defaults_of_the_previous_one(
    owner: Visitor,
) -> None:
    values = filled(owner) | {"url": "https://example.com/a", "preset": "render"}
    response = owner.send("/webhooks/new", **values)
    assert "The defaults of Render callback replaced" in response.text
    assert 'value="200-399"' in response.text
    assert stored() == []


def test_changing_the_preset_by_script_returns_the_whole_form(owner: Visitor) -> None:
    values = filled(owner) | {"preset": "render", "action": "preview"}
    with owner.client as client:
        response = client.post("/webhooks/new", data=values, headers={"HX-Request": "true"})
    assert response.headers["HX-Retarget"] == response.headers["HX-Reselect"] == "#webhook-page"
    assert 'value="200-399"' in response.text


def test_the_preview_uses_the_sample_of_the_organizations_catalogue(
    owner: Visitor, organization: Any
) -> None:
    with write_transaction() as session:
        session.add(
            EventType(
                organization_id=organization.id,
                name="order.paid",
                description="",
                sample=b'{"order": "our-own-sample"}',
                created_at=0,
            )
        )
    values = filled(owner) | {"action": "preview", "sample": "order.paid"}
    assert "our-own-sample" in owner.send("/webhooks/new", **values).text


def test_the_preview_does_not_show_stored_secrets(owner: Visitor, organization: Any) -> None:
    fields = {"url": "https://example.com/", "secret_token": "tok-1", "preset": "asset"}
    created = verbs.create(organization.id, fields, SYSTEM)
    page = owner.get(f"/webhooks/{created.id}/edit").text
    assert "x-streams-token" in page
    assert "********" in page
    assert "tok-1" not in page


def test_the_preview_is_the_request_that_will_be_sent(owner: Visitor) -> None:
    values = filled(owner, "/webhooks/new?preset=encoding") | {
        "url": "https://example.com/hook?x=1",
        "headers": "X-Team: video",
        "action": "preview",
    }
    page = owner.send("/webhooks/new", **values).text
    for words in ("POST https://example.com/hook?x=1", "X-Team", "webhook-signature", "emitted_at"):
        assert words in page
    assert "Retry schedule" in page


def test_a_get_webhook_is_previewed_with_its_query(owner: Visitor) -> None:
    values = filled(owner, "/webhooks/new?preset=form_callback") | {
        "url": "https://example.com/hook",
        "method": "get",
        "api_key": "k-1",
        "action": "preview",
    }
    page = owner.send("/webhooks/new", **values).text
    assert "GET https://example.com/hook?callback_id=" in page
