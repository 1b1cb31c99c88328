"""The search of every page finds what it says: webhooks, event types and sources by name."""

from typing import Any

import pytest

from app.domain.event_types.fields import EventTypeFields
from app.services.accounts import organizations
from app.services.accounts.actor import SYSTEM
from app.services.event_types import service as event_types
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
    assert f'href="/deliveries?q={text}"' in page


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
    assert response.status_code in (200, 303)
    assert "<b>" not in response.text.partition("<main")[2]


def test_another_organizations_names_are_not_found(owner: Visitor, organization: Any) -> None:
    other = organizations.create("Other").id
    webhook(other, name="Theirs")
    event(other, source="theirs/1")
    assert owner.get("/search?q=theirs").location == "/deliveries?q=theirs"
