"""What the pages say of events that do not match their type's schema."""

from typing import Any

from app.domain.event_types.fields import EventTypeFields
from app.services.accounts.actor import SYSTEM
from app.services.event_types import service
from app.services.events.publishing import publish
from tests.services.publishing import draft
from tests.web.visitor import Visitor

SCHEMA = {"type": "object", "required": ["media_id"]}
NAME = "media.ready"


def describe(organization: Any, check: str) -> None:
    fields = EventTypeFields(schema=SCHEMA, schema_check=check)
    service.put(organization.id, NAME, fields, SYSTEM)


def test_the_page_and_the_list_mark_an_event_that_does_not_match(
    owner: Visitor, organization: Any
) -> None:
    describe(organization, "warn")
    published = publish(organization.id, draft(NAME))
    page = owner.get(f"/events/{published.id}").text
    assert "Schema mismatches" in page
    assert "&#39;media_id&#39; is a required property" in page
    assert "does not match its schema" in owner.get("/events").text
    assert "accepted and marked" in owner.get(f"/event-types/{NAME}").text


def test_an_event_that_its_type_rejects_cannot_be_sent_anyway(
    owner: Visitor, organization: Any
) -> None:
    describe(organization, "reject")
    fields = {"type": NAME, "payload": "{}", "despite_schema": "y"}
    page = owner.post("/events/new", **fields)
    assert page.status_code == 422
    assert "Does not match the schema" in page.text
    assert "Send although" not in page.text
    describe(organization, "warn")
    assert "Send although" in owner.post("/events/new", **fields | {"despite_schema": ""}).text
    assert owner.post("/events/new", **fields).status_code == 303
