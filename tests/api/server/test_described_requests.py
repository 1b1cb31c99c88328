"""The description and the API agree on the form of requests."""

from typing import Any

import msgspec
import pytest
from jsonschema import Draft202012Validator

from app.api import ROUTES
from app.api.server.openapi import document
from tests.api.conftest import Caller

URL = "https://example.com/hook"
EVENT = {"type": "a.b", "payload": {}}
SHORT_SECRET, SECRET = "whsec_c2hvcnQ=", "whsec_" + "AAAA" * 8
UUID = "0198c7a2-7c1e-7000-8000-2f6b1f9d3c11"

# operation, path, and documents that both refuse.
REFUSED: list[tuple[str, str, list[dict[str, Any]]]] = [
    (
        "createEvent",
        "/events",
        [
            EVENT | {"type": ".a"},
            EVENT | {"type": "a" * 129},
            EVENT | {"id": ""},
            EVENT | {"id": "a b"},
            EVENT | {"source": ""},
            EVENT | {"source": "a\tb"},
            EVENT | {"ordering_key": ""},
            EVENT | {"ordering_key": "k" * 513},
            EVENT | {"callback": ""},
            EVENT | {"merge": [{"find": "{", "replace": ""}]},
            EVENT | {"merge": [{"find": "A", "replace": ""}] * 101},
        ],
    ),
    (
        "createWebhook",
        "/webhooks",
        [
            {"url": URL, "name": "a\nb"},
            {"url": URL, "secret": SHORT_SECRET},
            {"url": URL, "headers": {"a b": "c"}},
            {"url": URL, "headers": {"A": " c"}},
            {"url": URL, "headers": [["", "c"]]},
            {"url": URL, "headers": {f"X-{n}": "" for n in range(51)}},
            {"url": URL, "secret_headers": {"A": ""}},
            {"url": URL, "method": "P T"},
            {"url": URL, "signature_header": "ä"},
            {"url": URL, "client_certificate": "no PEM"},
            {"url": URL, "success_statuses": ["abc"]},
            {"url": URL, "success_statuses": [700]},
            {"url": URL, "body_format": "custom", "body_expression": ""},
            {"url": URL, "authentication": {"kind": "bearer", "token": "a b"}},
            {"url": URL, "authentication": {"kind": "basic", "username": "a:b"}},
        ],
    ),
    (
        "resendDeliveries",
        "/deliveries/resend",
        [
            {"state": []},
            {"state": ["pending"]},
            {"status_code": 42},
            {"status_code": "6xx"},
            {"cause": "unknown"},
            {"q": ""},
            {"value": "a b"},
        ],
    ),
    (
        "createJob",
        "/jobs",
        [
            {"kind": "unknown"},
            {"kind": "cancel", "state": "failed"},
            {"kind": "send_missed", "webhook_id": UUID},
            {"kind": "export_csv", "cause": "unknown"},
        ],
    ),
    ("createImport", "/imports", [{"items": []}, {"items": [{}]}, {"items": [{"other": 1}]}]),
    ("createTestInbox", "/test-inboxes", [{"name": " "}, {"status": 100}]),
    ("createListener", "/listeners", [{"secret": SHORT_SECRET}]),
]
REFUSED_BY_PLATFORM = [
    (
        "createPortalLink",
        "/portal-links",
        [
            {"expires_in": 59},
            {"visitor": ""},
            {"brand_color": "red"},
            {"brand_logo": "http://example.com/logo.svg"},
            {"allowed_origins": ["https://example.com/path"]},
            {"allowed_origins": ["https://example.com"] * 9},
        ],
    ),
    (
        "createApiKey",
        "/api-keys",
        [
            {"name": "k", "scopes": []},
            {"name": " "},
            {"name": "k", "allowed_networks": ["x"]},
        ],
    ),
    ("createInvitation", "/invitations", [{"email": "ada", "role": "member"}]),
]


@pytest.fixture(scope="module")
def description() -> dict[str, Any]:
    decoded: dict[str, Any] = msgspec.json.decode(
        msgspec.json.encode(document(ROUTES, "http://localhost"))
    )
    return decoded


def operations(description: dict[str, Any]) -> dict[str, dict[str, Any]]:
    paths = description["paths"].values()
    return {each["operationId"]: each for methods in paths for each in methods.values()}


def validator(description: dict[str, Any], operation: str) -> Draft202012Validator:
    body = operations(description)[operation]["requestBody"]["content"]["application/json"]
    return Draft202012Validator({**body["schema"], "components": description["components"]})


def check_refused(
    description: dict[str, Any], api: Caller, operation: str, path: str, documents: Any
) -> None:
    schema = validator(description, operation)
    assert [each for each in documents if schema.is_valid(each)] == []
    statuses = [api("POST", path, each).status_code for each in documents]
    assert statuses == [422] * len(documents)


@pytest.mark.usefixtures("sqlite_app")
@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case[0])
def test_both_refuse_the_same_form(
    description: dict[str, Any], api: Caller, case: tuple[str, str, Any]
) -> None:
    check_refused(description, api, *case)


@pytest.mark.usefixtures("sqlite_app")
@pytest.mark.parametrize("case", REFUSED_BY_PLATFORM, ids=lambda case: case[0])
def test_both_refuse_the_same_form_of_an_organization(
    description: dict[str, Any], platform: Caller, organization: Any, case: tuple[str, str, Any]
) -> None:
    operation, path, documents = case
    own = f"/organizations/{organization.id}{path}"
    check_refused(description, platform, operation, own, documents)


@pytest.mark.usefixtures("sqlite_app")
def test_a_whole_number_may_have_a_decimal_point(
    description: dict[str, Any], api: Caller, platform: Caller, organization: Any
) -> None:
    webhook = {"url": URL, "max_in_flight": 8.0, "success_statuses": [204.0], "secret": SECRET}
    assert validator(description, "createWebhook").is_valid(webhook)
    created = api.post("/webhooks", webhook)
    assert (created["max_in_flight"], created["success_statuses"]) == (8, ["204"])
    rotated = api("POST", f"/webhooks/{created['id']}/rotate-secret", {"overlap_seconds": 60.0})
    assert rotated.status_code == 200
    assert api("POST", "/deliveries/resend", {"status_code": 503.0, "dry_run": True}).json
    quotas = platform("PATCH", f"/organizations/{organization.id}/quotas", {"webhooks": 7.0})
    assert quotas.json["webhooks"]["limit"] == 7


def test_parts_of_a_request_beyond_its_body_are_described(description: dict[str, Any]) -> None:
    by_name = operations(description)
    headers = {each["name"]: each for each in by_name["resendDelivery"]["parameters"]}
    assert headers["Idempotency-Key"]["schema"]["pattern"] == "^[A-Za-z0-9._:-]{1,128}$"
    (confirm,) = [p for p in by_name["deleteOrganization"]["parameters"] if p["in"] == "query"]
    assert confirm["required"] is True
    content = by_name["getJobFile"]["responses"]["200"]["content"]
    assert set(content) == {"text/csv", "application/x-ndjson"}


def test_only_requests_refuse_fields_that_are_not_described(description: dict[str, Any]) -> None:
    schemas = description["components"]["schemas"]
    closed = {name for name, each in schemas.items() if each.get("additionalProperties") is False}
    assert {"EventInput", "WebhookChange", "SendMissedJobInput"} <= closed
    assert not closed & {"Problem", "Webhook", "Published", "Page_ListedWebhook_"}


def test_an_object_without_described_fields_may_have_any(description: dict[str, Any]) -> None:
    """openapi-typescript has no value for it otherwise."""
    payload = description["components"]["schemas"]["EventInput"]["properties"]["payload"]
    assert payload == {"type": "object", "additionalProperties": True}
