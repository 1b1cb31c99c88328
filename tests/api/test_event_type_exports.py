"""The event catalogue as the webhooks of an OpenAPI document."""

from typing import Any

import pytest
from jsonschema import Draft202012Validator

from app.domain.common.json_text import compact_json
from app.services.event_types import exports
from app.services.events.publishing import publish
from tests.api.conftest import Caller, problem
from tests.services.publishing import draft

RECURSIVE = {
    "type": "object",
    "required": ["size"],
    "properties": {"parent": {"$ref": "#"}, "size": {"$ref": "#/$defs/size"}},
    "$defs": {"size": {"type": "integer"}},
}
FLAT = {"type": "object", "properties": {"n": {"$ref": "#/$defs/n"}}, "$defs": {"n": {}}}
# SQL of event types is that of other tests.
pytestmark = pytest.mark.usefixtures("sqlite_app")


def put(api: Caller, name: str, **fields: Any) -> None:
    assert api("PUT", f"/event-types/{name}", fields).status_code == 201


def exported(api: Caller, query: str = "") -> Any:
    response = api("GET", f"/event-types.openapi.json{query}")
    assert response.status_code == 200, response.text
    return response.json


def content(document: Any, name: str) -> Any:
    return document["webhooks"][name]["post"]["requestBody"]["content"]["application/json"]


def test_an_exported_catalogue_is_imported_unchanged(api: Caller) -> None:
    body = compact_json({"description": "Paid.", "sample": {"n": 7}, "schema": FLAT})
    api("PUT", "/event-types/order.paid", data=body, content_type="application/json")
    put(api, "order.lost", description="Lost.\n\nNobody knows why.")
    again = api("POST", "/event-type-imports", {"document": exported(api)}).json["event_types"]
    assert {each["name"]: each["becomes"] for each in again} == {
        "order.paid": "same",
        "order.lost": "same",
    }


@pytest.mark.parametrize(("query", "data"), [("", {}), ("?body=standard", "data")])
def test_references_of_a_schema_hold_in_the_document(api: Caller, query: str, data: Any) -> None:
    put(api, "order.paid", schema=RECURSIVE)
    document = exported(api, query)
    validator = Draft202012Validator(document | content(document, "order.paid")["schema"])

    def accepts(payload: Any) -> bool:
        envelope = {"type": "order.paid", "timestamp": "2026-02-24T11:52:20Z", "data": payload}
        return validator.is_valid(envelope if data else payload)

    assert accepts({"size": 1, "parent": {"size": 2}})
    assert not accepts({"size": 1, "parent": {"size": "2"}})
    assert not accepts({"size": 1, "parent": {}})


def test_a_samples_bytes_are_exported(api: Caller) -> None:
    body = b'{"sample": {"n": 12345678901234567890123, "price": 1.10}}'
    assert (
        api("PUT", "/event-types/a", data=body, content_type="application/json").status_code == 201
    )
    response = api("GET", "/event-types.openapi.json")
    assert b'{"n": 12345678901234567890123, "price": 1.10}' in response.data


def test_system_events_are_left_to_the_description_of_the_api(
    api: Caller, organization: Any
) -> None:
    publish(organization.id, draft("webhook.failing"))
    publish(organization.id, draft("encoding.finished"))
    document = exported(api)
    assert list(document["webhooks"]) == ["encoding.finished"]
    post = document["webhooks"]["encoding.finished"]["post"]
    assert post["summary"] == "All qualities of a file are encoded."
    assert content(document, "encoding.finished")["example"]["media_id"]


def test_a_large_catalogue_is_exported_in_parts(
    api: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "MAX_WEBHOOKS", 30)
    names = [f"a.{number:02}" for number in range(61)]
    for name in names:
        put(api, name)
    parts = [exported(api)]
    while parts[-1]["x-next-cursor"]:
        parts.append(exported(api, f"?cursor={parts[-1]['x-next-cursor']}"))
    assert [len(part["webhooks"]) for part in parts] == [30, 30, 1]
    assert [name for part in parts for name in part["webhooks"]] == names
    assert "x-next-cursor" in parts[0]["info"]["description"]


def test_a_part_is_no_larger_than_an_import_may_be(
    api: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "MAX_DOCUMENT", 30_000)
    for name in ("a", "b", "c"):
        put(api, name, sample={"text": "x" * (40_000 if name == "b" else 100)})
    first = exported(api)
    assert list(first["webhooks"]) == ["a"]
    second = exported(api, f"?cursor={first['x-next-cursor']}")
    assert list(second["webhooks"]) == ["b"]
    third = exported(api, f"?cursor={second['x-next-cursor']}")
    assert (list(third["webhooks"]), third["x-next-cursor"]) == (["c"], None)


def test_each_organization_exports_its_own_types(api: Caller, stranger: Caller) -> None:
    put(api, "order.paid")
    assert exported(stranger)["webhooks"] == {}


@pytest.mark.parametrize("query", ["?cursor=zz", "?body=xml", "?limit=1"])
def test_an_unknown_choice_is_rejected(api: Caller, query: str) -> None:
    problem(api("GET", f"/event-types.openapi.json{query}"), 422, "invalid")
