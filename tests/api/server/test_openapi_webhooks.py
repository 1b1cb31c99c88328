"""The system events in the description."""

from typing import Any

import msgspec
import pytest
from jsonschema import Draft202012Validator

from app.api import ROUTES
from app.api.server.openapi import document
from app.api.server.openapi_3_0 import downgraded
from app.domain.bodies.formats import BodySpec, render
from app.domain.event_types.names import PRODUCT_TYPES, SAMPLES
from app.domain.event_types.openapi import described
from app.domain.events.event import EventFacts


@pytest.fixture(scope="module")
def description() -> dict[str, Any]:
    return document(ROUTES, "http://localhost")


def test_every_system_event_is_described(description: dict[str, Any]) -> None:
    assert description["webhooks"].keys() == PRODUCT_TYPES
    names = [item["post"]["operationId"] for item in description["webhooks"].values()]
    operations = {route.operation for route in ROUTES}
    assert len(set(names)) == len(names)
    assert operations.isdisjoint(names)
    assert "receiveWebhookDisabled" in names


@pytest.mark.parametrize("name", sorted(PRODUCT_TYPES))
def test_the_body_of_a_default_webhook_is_as_described(
    description: dict[str, Any], name: str
) -> None:
    payload = msgspec.json.encode(SAMPLES[name].payload)
    body = render(BodySpec("standard"), EventFacts("e", name, None, 1_772_000_000_000, payload))
    content = description["webhooks"][name]["post"]["requestBody"]["content"]["application/json"]
    whole = content["schema"] | {"components": description["components"]}
    validator = Draft202012Validator(whole)
    sent = msgspec.json.decode(body.content)
    assert [error.message for error in validator.iter_errors(sent)] == []
    assert content["example"].keys() == sent.keys()
    assert not validator.is_valid(sent | {"type": "another"})
    assert not validator.is_valid(sent | {"data": 1})


def test_headers_are_referred_to(description: dict[str, Any]) -> None:
    parameters = description["components"]["parameters"]
    post = description["webhooks"]["webhook.failing"]["post"]
    names = [each["$ref"].rpartition("/")[2] for each in post["parameters"]]
    assert names == list(parameters)
    assert parameters["webhook-id"]["required"] is True
    assert parameters["webhook-signature"]["in"] == "header"
    assert post["security"] == []


def test_readers_of_3_0_get_them_as_an_extension(description: dict[str, Any]) -> None:
    older = downgraded(description)
    assert "webhooks" not in older
    assert older["x-webhooks"].keys() == PRODUCT_TYPES


@pytest.mark.parametrize("version", ["3.1", "3.0"])
def test_the_import_of_event_types_reads_them(description: dict[str, Any], version: str) -> None:
    read = described(description if version == "3.1" else downgraded(description))
    assert {each.name for each in read if each.problem is None} == PRODUCT_TYPES
