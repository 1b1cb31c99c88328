import re
from html import unescape
from typing import Any

import pytest

from app.domain.event_types.fields import EventTypeFields
from app.domain.webhooks.presets import PRESETS
from app.services.accounts.actor import SYSTEM
from app.services.event_types import service as event_types
from app.services.webhooks import rotation
from app.services.webhooks import service as webhook_service
from app.web.common.rendering import formats
from tests.services.publishing import webhook
from tests.support.servers.receiver import Receiver
from tests.web.records import delivery
from tests.web.visitor import Visitor
from tests.web.webhook_forms import filled, stored


def test_the_first_step_offers_every_preset(owner: Visitor) -> None:
    page = owner.get("/webhooks/new").text
    assert all(f"/webhooks/new?preset={name}" in page for name in PRESETS)


@pytest.mark.parametrize("preset", PRESETS)
def test_each_preset_fills_a_form_that_can_be_saved_with_a_url_alone(
    owner: Visitor, preset: str
) -> None:
    values = filled(owner, f"/webhooks/new?preset={preset}")
    values |= {"url": "https://example.com/hook"}
    response = owner.send("/webhooks/new", **values)
    assert response.status_code == 303, response.text
    [created] = stored()
    own = PRESETS[preset]
    assert (created.preset, created.method, created.body_format) == (
        preset,
        own.method,
        own.body_format,
    )
    assert created.retry_policy == own.retry_policy.document()
    assert tuple(created.success_statuses) == own.success_statuses


def test_without_known_event_types_the_form_asks_for_them(
    owner: Visitor, organization: Any
) -> None:
    path = "/webhooks/new?preset=standard"
    assert "Other event types" not in owner.get(path).text
    event_types.put(organization.id, "clip.ready", EventTypeFields(), SYSTEM)
    assert "Other event types" in owner.get(path).text


def test_errors_are_shown_at_their_fields_and_input_is_kept(owner: Visitor) -> None:
    values = filled(owner) | {
        "url": "ftp://x",
        "name": "Kept",
        "headers": "Host: x",
        "timeout_seconds": "900",
        "retry_policy_delays_seconds": "0.2",
    }
    response = owner.send("/webhooks/new", **values)
    assert response.status_code == 422
    for name in ("url", "headers", "timeout_seconds", "retry_policy_delays_seconds"):
        assert f'id="{name}-error"' in response.text
    assert all(text in response.text for text in ("ftp://x", "Kept", "Host: x", "900", "0.2"))
    assert stored() == []


def test_selected_event_types_require_at_least_one(owner: Visitor) -> None:
    values = filled(owner) | {"url": "https://example.com/", "event_types_scope": "selected"}
    response = owner.send("/webhooks/new", **values)
    assert 'id="event_types-error"' in response.text


def test_selected_event_types_are_saved_on_creation_and_on_edit(owner: Visitor) -> None:
    values = filled(owner, "/webhooks/new?preset=encoding") | {
        "url": "https://example.com/",
        "event_types_scope": "selected",
        "event_types": ["encoding.finished", "encoding.failed"],
    }
    assert owner.send("/webhooks/new", **values).status_code == 303
    [webhook] = stored()
    assert webhook.event_types == ["encoding.finished", "encoding.failed"]
    edit = f"/webhooks/{webhook.id}/edit"
    values = filled(owner, edit) | {"event_types": ["encoding.failed"]}
    assert owner.send(edit, **values).status_code == 303
    assert stored()[0].event_types == ["encoding.failed"]


def test_editing_keeps_secrets_that_were_left_blank(owner: Visitor, organization: Any) -> None:
    settings = {"url": "https://example.com/", "secret_token": "tok", "preset": "asset"}
    created = webhook_service.create(organization.id, settings, SYSTEM)
    values = filled(owner, f"/webhooks/{created.id}/edit") | {"name": "New name"}
    assert owner.send(f"/webhooks/{created.id}/edit", **values).status_code == 303
    assert stored()[0].name == "New name"
    assert webhook_service.secrets_of(organization.id, created.id).secret_token == "tok"


def test_a_token_can_be_removed(owner: Visitor, organization: Any) -> None:
    settings = {"url": "https://example.com/", "secret_token": "tok"}
    created = webhook_service.create(organization.id, settings, SYSTEM)
    values = filled(owner, f"/webhooks/{created.id}/edit") | {"remove_secret_token": "y"}
    owner.send(f"/webhooks/{created.id}/edit", **values)
    assert webhook_service.secrets_of(organization.id, created.id).secret_token is None


def test_the_secret_is_masked_until_it_is_revealed(owner: Visitor, organization: Any) -> None:
    created = webhook_service.create(organization.id, {"url": "https://example.com/"}, SYSTEM)
    secret = webhook_service.secrets_of(organization.id, created.id).current
    assert secret not in owner.get(f"/webhooks/{created.id}").text
    response = owner.post(f"/webhooks/{created.id}", f"/webhooks/{created.id}/secret")
    assert secret in response.text
    assert response.headers["Cache-Control"] == "no-store"


def test_rotating_keeps_the_old_secret_valid(owner: Visitor, organization: Any) -> None:
    created = webhook_service.create(organization.id, {"url": "https://example.com/"}, SYSTEM)
    old = webhook_service.secrets_of(organization.id, created.id).current
    path = f"/webhooks/{created.id}/rotate-secret"
    assert owner.post(path, overlap_seconds="3600", secret="").status_code == 303
    secrets = webhook_service.secrets_of(organization.id, created.id)
    assert secrets.previous_until is not None
    until = formats.since(secrets.previous_until)
    assert f"The old one stays valid until {until}." in owner.get("/webhooks").text
    assert secrets.previous == old
    assert secrets.current != old


def test_the_previous_secret_is_revoked_after_a_confirmation(
    owner: Visitor, organization: Any
) -> None:
    created = webhook_service.create(organization.id, {"url": "https://example.com/"}, SYSTEM)
    page, path = f"/webhooks/{created.id}", f"/webhooks/{created.id}/end-secret-overlap"
    assert "End overlap now" not in owner.get(page).text
    assert owner.get(path).location == f"{page}#secrets"
    assert "No previous secret is valid" in owner.get(page).text
    rotation.rotate_secret(organization.id, created.id, SYSTEM)
    assert f'href="{path}"' in owner.get(page).text
    assert "The previous secret is deleted" in owner.get(path).text
    assert webhook_service.secrets_of(organization.id, created.id).previous is not None
    assert owner.post(path).location == f"{page}#secrets"
    assert webhook_service.secrets_of(organization.id, created.id).previous is None


def test_an_invalid_secret_is_an_error_at_its_field(owner: Visitor, organization: Any) -> None:
    created = webhook_service.create(organization.id, {"url": "https://example.com/"}, SYSTEM)
    path = f"/webhooks/{created.id}/rotate-secret"
    response = owner.post(path, overlap_seconds="0", secret="short")
    assert response.status_code == 422
    assert 'id="secret-error"' in response.text


def test_pausing_and_resuming_show_in_its_state(owner: Visitor, organization: Any) -> None:
    page = f"/webhooks/{webhook(organization.id)}"
    owner.post(page, f"{page}/pause")
    assert "Paused" in owner.get(page).text
    owner.post(page, f"{page}/resume")
    assert "Active" in owner.get(page).text


def test_deleting_asks_for_confirmation(owner: Visitor, organization: Any) -> None:
    page = f"/webhooks/{webhook(organization.id)}"
    assert "No deliveries are waiting to be sent" in owner.get(f"{page}/delete").text
    assert owner.post(f"{page}/delete").location == "/webhooks"
    assert owner.get(page).status_code == 404


def test_a_test_send_shows_the_response(
    owner: Visitor, organization: Any, receiver: Receiver
) -> None:
    receiver.respond(418, [("X-Kettle", "on")], b"short and stout")
    page = f"/webhooks/{webhook(organization.id, url=receiver.url)}"
    response = owner.post(page, f"{page}/test").text
    assert "418" in response
    assert "short and stout" in response
    assert "X-Kettle" in response


def test_the_list_is_searched_by_name_and_url(owner: Visitor, organization: Any) -> None:
    webhook(organization.id, name="Ingest")
    webhook(organization.id, name="Other")
    page = owner.get("/webhooks?q=inge").text
    assert "Ingest" in page
    assert "Other" not in page
    assert "No matches" in owner.get("/webhooks?q=zzz").text


def test_a_viewer_cannot_create_a_webhook(viewer: Visitor) -> None:
    assert viewer.get("/webhooks/new").status_code == 403
    assert "New webhook" not in viewer.get("/webhooks").text


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({}, None),
        ({"signature_scheme": "sha256"}, "Body: sha256=&lt;hex&gt;, in X-Hub-Signature-256"),
        ({"signature_header": "X-Acme"}, "in X-Acme"),
        ({"signature_header": "X-Acme", "signing": "none"}, None),
    ],
)
def test_the_page_shows_how_a_webhook_signs(
    owner: Visitor, organization: Any, settings: Any, words: str | None
) -> None:
    page = owner.get(f"/webhooks/{webhook(organization.id, **settings)}").text
    fact = page.partition("<dt>Signature</dt><dd>")[2].partition("</dd>")[0]
    text = " ".join(re.sub(r"</?code>", "", fact).split())
    assert (text or None) == words


def test_an_example_in_a_hint_ends_before_the_next_sentence(
    owner: Visitor, organization: Any
) -> None:
    page = owner.get(f"/webhooks/{webhook(organization.id)}/edit").text
    assert "Example: X-Acme-Signature. Leave blank for" in page
    assert "\0" not in page


def test_the_page_has_an_index_of_its_sections(owner: Visitor, organization: Any) -> None:
    page = owner.get(f"/webhooks/{webhook(organization.id)}").text
    index = page.partition('aria-label="On this page"')[2].partition("</nav>")[0]
    names = re.findall(r'href="#([\w-]+)"', index)
    assert names == ["range", "recent", "recover", "waits", "settings"]
    assert all(page.count(f'id="{name}"') == 1 for name in names)


def test_the_page_is_sent_again_only_when_something_has_changed(
    owner: Visitor, organization: Any
) -> None:
    hook = webhook(organization.id)
    page = owner.get(f"/webhooks/{hook}").text
    poll = unescape(re.search(r'data-live="recent" hx-get="([^"]+)"', page)[1])
    assert owner.get(poll, headers={"HX-Request": "true"}).status_code == 204
    delivery(organization.id, hook)
    response = owner.get(poll, headers={"HX-Request": "true"})
    assert response.status_code == 200
    assert 'id="webhook-state"' in response.text
    assert 'id="webhook-attention"' in response.text
