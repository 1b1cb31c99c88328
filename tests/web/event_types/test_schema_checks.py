"""What the pages say of events that do not match their type's schema."""

from contextlib import ExitStack
from typing import Any

import pytest
from sqlalchemy import insert

from app.domain.event_types.fields import MAX_CHECKED, EventTypeFields
from app.models import EventType
from app.runtime.context import runtime
from app.runtime.sandbox.places import PLACES, place_of
from app.services.accounts.actor import SYSTEM
from app.services.event_types import service
from app.services.events.publishing import publish
from app.store.transaction import write_transaction
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


def test_the_form_refuses_to_check_more_types_than_allowed(
    owner: Visitor, organization: Any
) -> None:
    with write_transaction() as session:
        common = {"organization_id": organization.id, "schema_check": "warn", "created_at": 0}
        names = [{"name": f"t{number}"} | common for number in range(MAX_CHECKED)]
        session.execute(insert(EventType), names)
    fields = {"name": NAME, "json_schema": "{}", "schema_check": "warn"}
    response = owner.post("/event-type-new", **fields)
    assert response.status_code == 422
    assert "At most 1,000 event types can have their events checked." in response.text


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("/event-type-new", {"name": NAME, "json_schema": "{}", "schema_check": "off"}),
        ("/event-type-import", {"document": "openapi: {}"}),
    ],
)
def test_a_page_says_that_too_many_schemas_are_being_checked(
    owner: Visitor, organization: Any, path: str, fields: Any
) -> None:
    with ExitStack() as held:
        for _ in range(PLACES):
            held.enter_context(place_of(runtime().sandbox_places, organization.id))
        response = owner.post(path, **fields)
    assert response.status_code == 503
    assert "Too many schemas are being checked" in response.text
    assert "{}" in response.text


def test_the_form_says_that_system_events_are_not_checked(owner: Visitor) -> None:
    fields = {"json_schema": "{}", "schema_check": "reject"}
    response = owner.post("/event-types/webhook.disabled/edit", **fields)
    assert response.status_code == 422
    assert "come from Callboard and are not checked." in response.text
