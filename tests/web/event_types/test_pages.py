import json
import re
from io import BytesIO
from typing import Any

import pytest

from app.domain.common.clock import now_ms
from app.domain.common.ids import new_id
from app.domain.event_types.fields import EventTypeFields
from app.models import AuditEntry, Event
from app.models.common.base import db
from app.queries.common import pace
from app.queries.event_types import catalogue as event_types
from app.queries.events import listing as events
from app.services.accounts.actor import SYSTEM
from app.services.event_types import service as verbs
from app.services.events.publishing import publish
from app.store.transaction import write_transaction
from tests.services.publishing import draft, webhook
from tests.web.records import event
from tests.web.visitor import Visitor

SCHEMA = {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}}}
OPENAPI = """openapi: 3.1.0
webhooks:
  order.paid:
    post:
      description: An order was paid.
      requestBody: {content: {application/json: {example: {id: 7}}}}
  order.lost: {post: {summary: Lost.}}
  "not a name": {post: {}}
"""


def describe(organization: Any, name: str = "order.paid", **more: Any) -> None:
    verbs.put(organization.id, name, EventTypeFields(**more), SYSTEM)


def test_the_list_shows_descriptions_and_the_number_of_webhooks(
    owner: Visitor, organization: Any
) -> None:
    describe(organization, description="An order was paid.", schema=SCHEMA)
    publish(organization.id, draft("encoding.finished"))
    webhook(organization.id)
    webhook(organization.id, event_types=["order.paid", "webhook.disabled"])
    page = owner.get("/event-types").text
    assert "An order was paid." in page
    assert "All qualities of a file are encoded." in page
    counts = re.findall(
        r'mono" href="/event-types/([\w.]+)".*?cell-end number nowrap" role="cell">(\d+)<',
        page,
        re.DOTALL,
    )
    assert dict(counts)["order.paid"] == "2"
    assert dict(counts)["encoding.finished"] == "1"
    assert dict(counts)["webhook.disabled"] == "1"
    assert dict(counts)["webhook.failing"] == "0"


def test_an_empty_list_and_an_empty_search_are_explained(owner: Visitor, organization: Any) -> None:
    assert "No event types yet" in owner.get("/event-types").text
    describe(organization)
    assert "No matches" in owner.get("/event-types?q=zzz").text


def test_an_event_type_is_created_edited_and_deleted(owner: Visitor, organization: Any) -> None:
    fields = {"description": "Paid.", "sample": '{"id": 1.0}', "json_schema": json.dumps({})}
    response = owner.post("/event-type-new", name="order.paid", **fields)
    assert response.location == "/event-types/order.paid"
    owner.post(
        "/event-types/order.paid/edit", description="Paid!", sample='{"id":  2}', json_schema=""
    )
    row = event_types.get(organization.id, "order.paid")
    assert row is not None
    assert (row.description, row.sample, row.schema) == ("Paid!", b'{"id":  2}', None)
    owner.post("/event-types/order.paid/delete")
    assert event_types.get(organization.id, "order.paid") is None
    kinds = [e.action for e in db.session.query(AuditEntry).order_by(AuditEntry.id)]
    assert kinds[-3:] == ["event_type.create", "event_type.update", "event_type.delete"]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"name": "new order!"}, "is not a valid event type name"),
        ({"name": "order.paid"}, "order.paid already exists"),
        ({"name": "a", "sample": "[1]"}, "Not a JSON object."),
        ({"name": "a", "json_schema": '{"type": "objekt"}'}, "&#39;objekt&#39; is not valid"),
        (
            {"name": "a", "sample": "{}", "json_schema": json.dumps(SCHEMA)},
            "is a required property",
        ),
    ],
)
def test_errors_are_shown_and_input_is_kept(
    owner: Visitor, organization: Any, fields: dict[str, str], words: str
) -> None:
    describe(organization)
    response = owner.post("/event-type-new", description="Kept <b>", **fields)
    assert response.status_code == 422
    assert words in response.text
    assert "Kept &lt;b&gt;" in response.text


def test_a_types_page_shows_sample_schema_and_webhooks(owner: Visitor, organization: Any) -> None:
    describe(organization, description="Paid.", sample=b'{"id": 77}', schema=SCHEMA)
    webhook(organization.id, name="Till", event_types=["order.paid"])
    page = owner.get("/event-types/order.paid").text
    for words in ("Paid.", "77", "integer", "Till", "selected", "/events/new?type=order.paid"):
        assert words in page


@pytest.mark.parametrize(("name", "status"), [("webhook.failing", 200), ("never.seen", 404)])
def test_a_known_type_has_a_page_before_its_first_event(
    owner: Visitor, name: str, status: int
) -> None:
    assert owner.get(f"/event-types/{name}").status_code == status


def test_a_viewer_cannot_change_event_types(viewer: Visitor, organization: Any) -> None:
    describe(organization)
    assert "/delete" not in viewer.get("/event-types/order.paid").text
    for path in ("/event-type-new", "/event-type-import", "/event-types/order.paid/edit"):
        assert viewer.get(path).status_code == 403


def test_an_import_is_reviewed_first(owner: Visitor, organization: Any) -> None:
    review = owner.post("/event-type-import", document=OPENAPI)
    assert re.findall(r'name="names" value="([\w.]+)"', review.text) == ["order.paid", "order.lost"]
    assert "is not a valid event type name" in review.text
    assert event_types.names(organization.id) == []
    owner.post("/event-type-import", document=OPENAPI, confirm="1", names=["order.paid"])
    assert event_types.names(organization.id) == ["order.paid"]
    assert "Nothing to import" not in owner.post("/event-type-import", document=OPENAPI).text


def test_a_file_is_imported_like_pasted_text(owner: Visitor) -> None:
    response = owner.post("/event-type-import", file=(BytesIO(OPENAPI.encode()), "api.yaml"))
    assert "order.paid" in response.text
    assert "openapi: 3.1.0" in response.text


@pytest.mark.parametrize("document", ["", "a: [", "swagger: '2.0'", "[1, 2]", "\0"])
def test_an_invalid_document_is_an_error(owner: Visitor, document: str) -> None:
    response = owner.post("/event-type-import", document=document)
    assert response.status_code == 422
    assert "field-error" in response.text


def test_an_own_sample_is_used(owner: Visitor, organization: Any) -> None:
    describe(organization, sample=b'{"id":   7.10}')
    page = owner.get("/events/new?type=order.paid").text
    assert "{&#34;id&#34;:   7.10}" in page
    assert "Your event types" in page


def test_an_event_that_does_not_match_its_schema_needs_confirmation(
    owner: Visitor, organization: Any
) -> None:
    describe(organization, schema=SCHEMA)
    fields = {"type": "order.paid", "payload": '{"id": "x"}'}
    response = owner.post("/events/new", **fields)
    assert response.status_code == 422
    assert "$.id: &#39;x&#39; is not of type &#39;integer&#39;" in response.text
    assert "Send although" in response.text
    assert owner.post("/events/new", despite_schema="y", **fields).status_code == 303
    assert len(events.page(organization.id, events.EventFilter()).rows) == 1


def test_events_from_the_api_are_not_validated(owner: Visitor, organization: Any) -> None:
    describe(organization, schema=SCHEMA)
    assert publish(organization.id, draft("order.paid", b'{"id": "x"}')).id


def test_a_viewer_exports_the_catalogue(owner: Visitor, viewer: Visitor, organization: Any) -> None:
    assert "/event-type-export" not in viewer.get("/event-types").text
    describe(organization, description="Paid.", schema=SCHEMA)
    assert "/event-type-export" in viewer.get("/event-types").text
    response = viewer.get("/event-type-export")
    assert 'filename="event-types.openapi.json"' in response.headers["Content-Disposition"]
    assert response.json["webhooks"]["order.paid"]["post"]["summary"] == "Paid."
    review = owner.post("/event-type-import", document=response.text)
    assert "order.paid" in review.text


def test_the_last_event_is_found_however_busy_the_machine_is(
    owner: Visitor, organization: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    describe(organization)
    oldest = event(organization.id, type="order.paid")
    now = now_ms()
    about = {"type": "other", "source": "media/1", "created_at": now, "occurred_at": now}
    ids = [new_id() for _ in range(600)]
    with write_transaction() as session:
        for id_ in ids:
            session.add(Event(id=id_, organization_id=organization.id, payload=b"{}", **about))
    monkeypatch.setattr(pace, "FIRST_SECONDS", 0)
    assert oldest < ids[0]
    facts = owner.get("/event-types/order.paid").text.partition("<dt>Last event</dt>")[2]
    assert facts.startswith("<dd><time")


def test_a_name_that_is_refused_is_explained_at_its_field(owner: Visitor) -> None:
    page = owner.post("/event-type-new", name="{}", schema_check="off")
    assert page.status_code == 422
    error = page.text.partition('class="field-error"')[2].partition("</p>")[0]
    assert "is not a valid event type name." in error
    assert '<a href="#name">Name</a>' in page.text
