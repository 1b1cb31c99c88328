"""The list of webhooks: what a row shows, and its switch."""

import re
from html import unescape
from typing import Any

import pytest

from app.domain.common.clock import now_ms
from app.models import Webhook
from app.models.common.base import db
from app.queries import audit as audit_queries
from app.queries.audit import AuditFilter
from app.services.accounts.actor import SYSTEM
from app.services.webhooks import service as webhook_service
from app.web.webhooks import pages
from tests.queries.statistics.test_failing import set_state
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


def test_the_form_of_a_form_callback_says_which_fields_its_events_need(owner: Visitor) -> None:
    """Shown while that body format is selected, by the style sheet."""
    page = " ".join(owner.get("/webhooks/new?preset=form_callback").text.split())
    needs = "whose payload has callback_id, callback_value and callback_format."
    assert needs in page.partition("All event types")[2].partition("</label>")[0]


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


def ids_in(page: str) -> list[str]:
    return re.findall(r'<tr role="row" id="webhook-([^"]+)"', page)


def test_the_list_begins_with_failing_webhooks_and_filters_by_state(
    owner: Visitor, organization: Any
) -> None:
    failing, active, paused = (create(organization) for _ in range(3))
    set_state(failing, failing_since=now_ms(), consecutive_failures=3, last_failure_at=now_ms())
    webhook_service.pause(organization.id, paused, SYSTEM)
    page = owner.get("/webhooks").text
    assert ids_in(page) == [failing, active, paused]
    tabs = re.findall(r'href="/webhooks\?state=(\w+)".*?tab-count number">(\d+)', page, re.DOTALL)
    assert tabs == [("failing", "1"), ("active", "1"), ("paused", "1")]
    for state, id_ in (("failing", failing), ("active", active), ("paused", paused)):
        assert ids_in(owner.get(f"/webhooks?state={state}").text) == [id_]


def test_columns_sort_by_a_link_that_turns_around(owner: Visitor, organization: Any) -> None:
    first, second = (create(organization, name=name) for name in ("alpha", "beta"))
    page = owner.get("/webhooks?q=a&sort=name").text
    assert ids_in(page) == [first, second]
    assert 'aria-sort="ascending"' in page
    assert 'href="/webhooks?q=a&amp;sort=-name"' in page
    page = owner.get("/webhooks?q=a&sort=-name").text
    assert ids_in(page) == [second, first]
    assert 'aria-sort="descending"' in page


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("state=broken", "Unknown state. Use failing,"),
        ("sort=colour", "Unknown order. Use state,"),
        ("state=failing,x&sort=1", "Unknown state."),
    ],
)
def test_an_unreadable_parameter_says_what_can_be_used(
    owner: Visitor, organization: Any, query: str, words: str
) -> None:
    create(organization)
    response = owner.get(f"/webhooks?{query}")
    assert response.status_code == 200
    assert words in response.text
    assert 'href="/webhooks">Clear filters' in response.text


def test_an_unreadable_cursor_is_no_server_error(owner: Visitor) -> None:
    response = owner.get("/webhooks?cursor=nonsense")
    assert response.status_code == 422
    assert "Invalid cursor." in response.text


@pytest.mark.parametrize("letter", ["界", "🎬"])
def test_long_names_in_any_script_have_a_second_page(
    owner: Visitor, organization: Any, monkeypatch: pytest.MonkeyPatch, letter: str
) -> None:
    monkeypatch.setattr(pages, "PAGE", 1)
    first, second = (create(organization, name=letter * 70 + end) for end in "ab")
    page = owner.get("/webhooks?sort=name").text
    [further] = set(re.findall(r'href="(/webhooks\?[^"]*cursor=[^"]*)"', page))
    following = owner.get(unescape(further))
    assert following.status_code == 200
    shown = {id_ for id_ in (first, second) if f'id="webhook-{id_}"' in following.text}
    assert len(shown) == 1
    assert f'id="webhook-{shown.pop()}"' not in page


def test_a_search_for_a_nul_is_no_server_error(owner: Visitor, organization: Any) -> None:
    create(organization)
    assert owner.get("/webhooks?q=exam%00ple").status_code == 200


def test_a_state_without_webhooks_offers_all(owner: Visitor, organization: Any) -> None:
    create(organization)
    page = owner.get("/webhooks?state=disabled").text
    assert "No webhook has this state" in page or "No matches" in page
    assert "Show all webhooks" in page


def test_the_switch_returns_to_the_same_list_and_updates_its_numbers(
    owner: Visitor, organization: Any
) -> None:
    id_ = create(organization)
    fields = {"active": "no", "state": "active", "sort": "name"}
    response = owner.post("/webhooks", f"/webhooks/{id_}/active", **fields)
    assert response.location == f"/webhooks?state=active&sort=name#webhook-{id_}"
