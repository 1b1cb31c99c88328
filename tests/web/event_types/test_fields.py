"""The page of an event type: its fields, how often it is sent, when it was last seen."""

from typing import Any

from app.domain.event_types.fields import EventTypeFields
from app.services.accounts.actor import SYSTEM
from app.services.event_types import service
from tests.web.records import event
from tests.web.visitor import Visitor

SCHEMA = {
    "type": "object",
    "required": ["media_id"],
    "properties": {"media_id": {"type": "string", "description": "The medium's number."}},
}


def test_a_schema_is_shown_as_a_table_of_fields(owner: Visitor, organization: Any) -> None:
    fields = EventTypeFields(sample=b'{"media_id": "m-1"}', schema=SCHEMA)
    service.put(organization.id, "media.ready", fields, SYSTEM)
    page = owner.get("/event-types/media.ready").text
    table = page.partition('aria-label="Fields of the payload"')[2].partition("</table>")[0]
    for words in ("media_id", "required", "string", "The medium&#39;s number.", "m-1"):
        assert words in table


def test_the_last_event_and_the_volume_are_shown(owner: Visitor, organization: Any) -> None:
    service.put(organization.id, "media.ready", EventTypeFields(), SYSTEM)
    page = owner.get("/event-types/media.ready").text
    assert "none stored" in page
    assert "0 attempts" in page
    event(organization.id, type="media.ready")
    assert "none stored" not in owner.get("/event-types/media.ready").text
    assert "Attempts, 24 h" in owner.get("/event-types").text
