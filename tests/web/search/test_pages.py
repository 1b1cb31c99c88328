"""The search of every page finds what it says: webhooks, event types and sources by name."""

import html
import re
from typing import Any

import pytest

from app.domain.event_types.fields import EventTypeFields
from app.domain.events.event import EventDraft
from app.services.accounts import organizations
from app.services.accounts.actor import SYSTEM
from app.services.event_types import service as event_types
from app.services.events.publishing import publish
from tests.queries.searches import examine
from tests.services.publishing import webhook
from tests.web.records import event
from tests.web.visitor import Visitor


@pytest.fixture
def described(organization: Any) -> str:
    hook = webhook(organization.id, name="Partner ingest", url="https://partner.example.com/in")
    event_types.put(organization.id, "media.ingested", EventTypeFields("A file."), SYSTEM)
    event(organization.id, source="channel/ingest-7")
    return hook


@pytest.mark.parametrize("text", ["ingest", "INGEST"])
def test_a_part_of_a_name_finds_webhooks_event_types_and_sources(
    owner: Visitor, described: str, text: str
) -> None:
    page = owner.get(f"/search?q={text}").text
    assert f'href="/webhooks/{described}"' in page
    assert 'href="/event-types/media.ingested"' in page
    assert 'href="/deliveries?event_type=media.ingested"' in page
    assert 'href="/deliveries?source=channel/ingest-7"' in page
    assert f'href="/search?q={text}&amp;text=yes"' in page
    assert f"<mark>{text.lower()}</mark>" in page


def test_a_url_finds_its_webhook(owner: Visitor, described: str) -> None:
    page = owner.get("/search?q=partner.example.com").text
    assert f'href="/webhooks/{described}"' in page
    assert "Event types" not in page.partition("<h1>Search")[2]


def test_a_system_event_is_an_event_type(owner: Visitor, organization: Any) -> None:
    assert 'href="/event-types/webhook.failing"' in owner.get("/search?q=failing").text


@pytest.mark.parametrize("text", ["", "%25", "_", "%00", "x" * 2000, "<b>"])
def test_any_text_is_searched_for_without_an_error(
    owner: Visitor, described: str, text: str
) -> None:
    response = owner.get(f"/search?q={text}")
    assert response.status_code == 200
    assert "<b>" not in response.text.partition("<main")[2]


def test_another_organizations_names_are_not_found(owner: Visitor, organization: Any) -> None:
    other = organizations.create("Other").id
    webhook(other, name="Theirs")
    event(other, source="theirs/1")
    page = owner.get("/search?q=theirs").text
    assert "No payload contains “theirs”" in page
    assert "/webhooks/" not in page.partition("<main")[2]


@pytest.fixture
def asset(organization: Any) -> str:
    """The id of an event about asset-0001, with a delivery."""
    webhook(organization.id)
    draft = EventDraft("encoding.finished", b'{"asset_id":"Asset-0001","title":"A film"}')
    return publish(organization.id, draft).id


def test_an_id_in_a_payload_finds_its_events_with_their_deliveries(
    owner: Visitor, asset: str
) -> None:
    page = owner.get("/search?q=asset-0001").text
    assert "Events with this ID in their payload" in page
    assert f'href="/events/{asset}"' in page
    assert "<mark>Asset-0001</mark>" in page
    assert "count-pending" in page
    assert 'href="/deliveries?value=asset-0001"' in page
    assert "Text in payloads" not in page


def test_a_value_filters_events_and_deliveries(owner: Visitor, asset: str) -> None:
    for path in ("/events", "/deliveries"):
        assert "encoding.finished" in owner.get(f"{path}?value=asset-0001").text
        assert "No matches" in owner.get(f"{path}?value=asset-000").text
        invalid = owner.get(f"{path}?value=two+words").text
        assert "at most 128 characters, no spaces" in invalid
        assert "Clear filters" in invalid


def test_a_list_of_some_events_says_so(
    owner: Visitor, organization: Any, asset: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "events with this ID" not in owner.get("/deliveries?value=asset-0001").text
    monkeypatch.setattr("app.queries.events.by_value.LISTED", 1)
    publish(organization.id, EventDraft("encoding.finished", b'{"asset_id":"asset-0001"}'))
    assert "the newest 1 events with this ID" in owner.get("/deliveries?value=asset-0001").text
    refused = owner.get("/deliveries/resend?value=asset-0001")
    assert refused.location == "/deliveries?value=asset-0001"
    assert "More events have this ID" in owner.get(refused.location).text


def test_suggestions_are_options_and_end_with_the_search_in_payloads(
    owner: Visitor, described: str, asset: str
) -> None:
    page = owner.get("/search/suggestions?q=asset-0001").text
    assert f'role="option" tabindex="-1" href="/events/{asset}"' in page
    assert 'href="/search?q=asset-0001&amp;text=yes"' in page
    assert f'href="/webhooks/{described}"' in owner.get("/search/suggestions?q=ingest").text
    assert f'href="/events/{asset}"' in owner.get(f"/search/suggestions?q={asset}").text
    assert "<html" not in page
    assert owner.get("/search/suggestions").text.strip() == ""


def test_other_text_is_searched_for_in_payloads_and_highlighted(owner: Visitor, asset: str) -> None:
    page = owner.get("/search?q=A+film").text
    assert "<mark>A film</mark>" in page
    assert f'href="/events/{asset}"' in page
    assert "All payloads searched." in page


def test_a_search_in_payloads_goes_on_by_itself(
    owner: Visitor, organization: Any, asset: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    examine(monkeypatch, 1)
    publish(organization.id, EventDraft("encoding.finished", b"{}"))
    first = owner.get("/search?q=A+film").text
    assert re.search(r"Searched back to <time [^>]*>[^<]*\d\d:\d\d:\d\d", first)
    assert "<mark>" not in first
    step = html.unescape(re.findall(r'hx-get="(/search/payloads[^"]+)"', first)[0])
    assert "data-search-on" in first
    second = owner.get(step).text
    assert "<mark>A film</mark>" in second
    assert "<html" not in second
    without_scripts = html.unescape(re.findall(r'rel="next" href="([^"]+)"', first)[0])
    assert "<mark>A film</mark>" in owner.get(without_scripts).text


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("x" * 513, "Search for at most 512 characters."),
        ("a%00b", "contains a character that no payload or name can have"),
        ("a%0Ab", "contains a character that no payload or name can have"),
    ],
)
def test_a_query_that_cannot_be_searched_for_is_explained(
    owner: Visitor, query: str, sentence: str
) -> None:
    assert sentence in owner.get(f"/search?q={query}").text
    assert sentence in owner.get(f"/search/suggestions?q={query}").text
    assert owner.get(f"/search/payloads?q={query}").status_code == 303


def test_an_id_of_another_organization_gets_a_sentence(owner: Visitor) -> None:
    other = organizations.create("Other").id
    hook = webhook(other)
    page = owner.get(f"/search?q={hook}").text
    assert "No delivery, event or webhook of this organization has this ID." in page


def test_damaged_steps_are_refused_or_ignored(owner: Visitor, asset: str) -> None:
    assert owner.get("/search/payloads?q=film&cursor=x").status_code == 422
    assert owner.get("/search/payloads?q=film&step=x").status_code == 200
    assert owner.get("/search/payloads").location == "/search?q="


def test_an_owner_turns_the_index_off_and_the_search_says_so(
    owner: Visitor, viewer: Visitor, organization: Any
) -> None:
    assert viewer.post("/settings", "/settings/value-index").status_code == 403
    assert "Index IDs in payloads" in owner.get("/settings").text
    owner.post("/settings", "/settings/value-index")
    publish(organization.id, EventDraft("encoding.finished", b'{"asset_id":"asset-0001"}'))
    page = owner.get("/search?q=asset-0001").text
    assert "are not indexed" in page
    assert "<mark>asset-0001</mark>" in page
    assert "indexes_values" in owner.get("/settings/audit").text
    owner.post("/settings", "/settings/value-index", is_on="y")
    assert "are not indexed" not in owner.get("/search?q=asset-0001").text


def test_a_viewer_who_sees_payloads_can_search_in_them(viewer: Visitor, asset: str) -> None:
    assert "Asset-0001" in viewer.get(f"/events/{asset}").text
    assert f'href="/events/{asset}"' in viewer.get("/search?q=asset-0001").text
