from typing import Any

import pytest

from app.services.events.publishing import publish
from tests.api.conftest import Caller, problem
from tests.services.publishing import draft

SCHEMA = {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}}}
OPENAPI = """
openapi: 3.1.0
webhooks:
  order.paid:
    post:
      description: An order was paid.
      requestBody:
        content:
          application/json:
            schema: {type: object, properties: {id: {type: integer}}}
            example: {id: 7}
  "not a name":
    post: {}
"""


def put(api: Caller, name: str, document: Any, status: int = 201) -> Any:
    response = api("PUT", f"/event-types/{name}", document)
    assert response.status_code == status, response.text
    return response.json


def test_a_described_event_type_can_be_read(api: Caller) -> None:
    hook = api.post("/webhooks", {"url": "https://example.com/", "event_types": ["order.paid"]})
    fields = {"description": "An order was paid.", "sample": {"id": 7}, "schema": SCHEMA}
    put(api, "order.paid", fields)
    document = api("GET", "/event-types/order.paid").json
    assert {name: document[name] for name in fields} == fields
    assert [(t["id"], t["by_name"]) for t in document["webhooks"]] == [(hook["id"], True)]
    [listed] = api("GET", "/event-types").json["data"]
    assert (listed["name"], listed["webhook_count"], listed["has_schema"]) == (
        "order.paid",
        1,
        True,
    )


def test_put_replaces_the_whole_description(api: Caller) -> None:
    put(api, "order.paid", {"description": "Paid.", "sample": {"id": 7}})
    document = put(api, "order.paid", {"description": "Paid!"}, 200)
    assert (document["description"], document["sample"]) == ("Paid!", None)


def test_a_samples_bytes_are_preserved(api: Caller) -> None:
    body = b'{"sample": {"price": 1.10,  "n": 12345678901234567890}}'
    response = api("PUT", "/event-types/a", data=body, content_type="application/json")
    assert b'"sample":{"price": 1.10,  "n": 12345678901234567890}' in response.data, response.text


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"sample": [1]}, "sample"),
        ({"sample": {"id": "x"}, "schema": SCHEMA}, "sample"),
        ({"schema": {"type": "objekt"}}, "schema"),
        ({"schema": {"$ref": "https://example.com/a.json"}}, "schema"),
        ({"schema": {"properties": {"id": {"$ref": "#/$defs/id"}}}}, "schema"),
        ({"schema": True}, "schema"),
        ({"description": 1}, "description"),
        ({"description": "a\u0007"}, "description"),
        ({"title": "x"}, "title"),
    ],
)
def test_an_error_names_its_field(api: Caller, fields: Any, field: str) -> None:
    document = problem(api("PUT", "/event-types/a", fields), 422, "invalid")
    assert [error["field"] for error in document["errors"]] == [field]


def test_an_invalid_name_is_rejected(api: Caller) -> None:
    problem(api("PUT", "/event-types/new%20order", {}), 422, "invalid")
    assert api("GET", "/event-types/new%20order").status_code == 404


@pytest.mark.long_on("postgresql")
def test_a_pattern_that_never_ends_is_stopped(api: Caller) -> None:
    evil = {"properties": {"a": {"type": "string", "pattern": "^(a+)+$"}}}
    document = problem(
        api("PUT", "/event-types/a", {"schema": evil, "sample": {"a": "a" * 40 + "!"}}),
        422,
        "invalid",
    )
    assert "too much time" in document["errors"][0]["problem"]


def test_the_next_event_adds_a_deleted_type_again(api: Caller, organization: Any) -> None:
    publish(organization.id, draft("order.paid"))
    assert api("DELETE", "/event-types/order.paid").status_code == 204
    assert api("GET", "/event-types").json["data"] == []
    publish(organization.id, draft("order.paid"))
    assert [t["name"] for t in api("GET", "/event-types").json["data"]] == ["order.paid"]


def test_the_list_continues_page_by_page(api: Caller) -> None:
    for name in ("a", "a.b", "b", "c_d"):
        put(api, name, {"description": "x" if name == "b" else ""})
    first = api("GET", "/event-types?limit=3").json
    second = api("GET", f"/event-types?limit=3&cursor={first['next_cursor']}").json
    assert [t["name"] for t in first["data"] + second["data"]] == ["a", "a.b", "b", "c_d"]
    assert second["next_cursor"] is None
    assert [t["name"] for t in api("GET", "/event-types?q=X").json["data"]] == ["b"]
    problem(api("GET", "/event-types?cursor=zz"), 422, "invalid")


def test_event_types_are_imported_from_an_openapi_document(api: Caller) -> None:
    tried = api("POST", "/event-type-imports", {"document": OPENAPI, "dry_run": True}).json
    assert [t["becomes"] for t in tried["event_types"]] == ["new", "refused"]
    assert api("GET", "/event-types").json["data"] == []
    api("POST", "/event-type-imports", {"document": OPENAPI})
    assert api("GET", "/event-types/order.paid").json["sample"] == {"id": 7}
    again = api("POST", "/event-type-imports", {"document": OPENAPI}).json
    assert [t["becomes"] for t in again["event_types"]] == ["same", "refused"]


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ("a: [", "format"), ("\x82", "format"), ('{"a": ', "format"), ("a: b", "format"),
        ({"openapi": "3.1.0"}, "empty"), (7, "type"),
    ],
)  # fmt: skip
def test_an_invalid_document_is_rejected(api: Caller, document: Any, code: str) -> None:
    response = api("POST", "/event-type-imports", {"document": document})
    [error] = problem(response, 422, "invalid")["errors"]
    assert (error["field"], error["code"]) == ("document", code)


def test_each_organization_has_its_own_catalogue(api: Caller, stranger: Caller) -> None:
    put(api, "order.paid", {})
    assert stranger("GET", "/event-types/order.paid").status_code == 404
    assert stranger("GET", "/event-types").json["data"] == []
    assert stranger("DELETE", "/event-types/order.paid").status_code == 404


def post_order(api: Caller, payload: Any, status: int) -> Any:
    response = api("POST", "/events", {"type": "order.paid", "payload": payload})
    assert response.status_code == status, response.text
    return response.json


def test_an_event_that_does_not_match_is_accepted_with_a_mark_where_the_type_warns(
    api: Caller,
) -> None:
    document = put(api, "order.paid", {"schema": SCHEMA, "schema_check": "warn"})
    assert document["schema_check"] == "warn"
    accepted = post_order(api, {"id": "seven"}, 202)
    [mismatch] = accepted["schema_mismatches"]
    assert mismatch["path"] == "$.id"
    event = api("GET", f"/events/{accepted['id']}").json
    assert event["schema_mismatches"] == [mismatch]
    assert post_order(api, {"id": 7}, 202)["schema_mismatches"] == []


def test_an_event_that_does_not_match_is_refused_where_the_type_rejects(api: Caller) -> None:
    put(api, "order.paid", {"schema": SCHEMA, "schema_check": "reject"})
    refused = post_order(api, {}, 422)
    assert refused["errors"][0]["field"] == "payload"
    assert "'id' is a required property" in refused["errors"][0]["problem"]
    assert api("GET", "/events").json["data"] == []


@pytest.mark.parametrize("fields", [{"schema_check": "reject"}, {"schema_check": "strict"}])
def test_a_check_that_cannot_be_made_is_refused(api: Caller, fields: Any) -> None:
    refused = put(api, "order.paid", fields, 422)
    assert refused["errors"][0]["field"] == "schema_check"


def test_an_import_of_schemas_keeps_the_check_of_a_type(api: Caller) -> None:
    put(api, "order.paid", {"schema": SCHEMA, "schema_check": "reject"})
    api.post("/event-type-imports", {"document": OPENAPI})
    document = api("GET", "/event-types/order.paid").json
    assert (document["description"], document["schema_check"]) == ("An order was paid.", "reject")
