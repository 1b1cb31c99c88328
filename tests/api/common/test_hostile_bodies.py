"""Hostile bodies, keys and queries: each response is a problem, never a 500."""

import json
from typing import Any, get_args

import pytest

from app.api import ROUTES
from app.api.common.routes import PREFIX, ApiRoute
from app.http.bodies import JsonBody
from app.models import Delivery, Event, Organization, Webhook
from app.models.common.base import db
from tests.api.conftest import Caller, problem

pytestmark = pytest.mark.usefixtures("sqlite_app")

DEEP = 100_000
# Each is a whole body.
BODIES = {
    "nothing": b"",
    "white space": b" \n\t",
    "no JSON": b"hello",
    "half an object": b'{"type": "a", "payload": {',
    "two objects": b"{} {}",
    "a trailing comma": b'{"name": "a",}',
    "a comment": b'{"name": "a" /* b */}',
    "single quotes": b"{'name': 'a'}",
    "an array": b"[]",
    "an array of objects": b'[{"name": "a"}]',
    "a text": b'"a"',
    "a number": b"1",
    "null": b"null",
    "true": b"true",
    "NaN": b"NaN",
    "NaN in a field": b'{"name": NaN}',
    "Infinity in a field": b'{"timeout_seconds": Infinity}',
    "1e400": b'{"timeout_seconds": 1e400}',
    "a huge integer": b'{"max_in_flight": ' + b"9" * 5000 + b"}",
    "a huge negative integer": b'{"max_in_flight": -' + b"9" * 30 + b"}",
    "a huge float": b'{"timeout_seconds": ' + b"1" * 400 + b".5}",
    "an escaped NUL": b'{"name": "a\\u0000b"}',
    "an escaped NUL in a key": b'{"a\\u0000b": 1}',
    "a raw NUL": b'{"name": "a\x00b"}',
    "a lone high surrogate": b'{"name": "\\ud800"}',
    "a lone low surrogate": b'{"name": "\\udc00"}',
    "surrogates in a key": b'{"\\udfff": 1}',
    "surrogates as UTF-8": b'{"name": "\xed\xa0\x80"}',
    "no UTF-8": b'{"name": "\xff"}',
    "latin-1": '{"name": "é"}'.encode("latin-1"),
    "UTF-16": '{"name": "a"}'.encode("utf-16"),
    "a byte order mark": b'\xef\xbb\xbf{"name": "a"}',
    "arrays in depth": b"[" * DEEP + b"]" * DEEP,
    "objects in depth": b'{"name":' * DEEP + b"1" + b"}" * DEEP,
    "depth in a field": b'{"payload": ' + b"[" * DEEP + b"]" * DEEP + b"}",
    "depth that never ends": b'{"metadata": ' + b'{"a":' * DEEP,
    "a key twice": b'{"name": "a", "name": "b"}',
    "an unknown field": b'{"no_such_field": 1}',
    "an empty key": b'{"": 1}',
    "a prototype": b'{"__proto__": {"a": 1}, "constructor": 1}',
    "a form": b"name=a&url=https%3A%2F%2Fexample.com",
}
# Each takes the place of each field's value.
VALUES = {
    "null in a list": [None],
    "a boolean": True,
    "zero": 0,
    "minus one": -1,
    "half": 0.5,
    "2 to 63": 2**63 - 1,
    "minus 2 to 63": -(2**63),
    "1e308": 1e308,
    "an empty text": "",
    "a space": " ",
    "a long text": "x" * 20_000,
    "a line end": "a\r\nb",
    "an escape": "\x1b[31m",
    "a bidi mark": "\u202eabc",
    "no list at all": [],
    "a list in a list": [[["a"]]],
    "an object": {},
    "an object with an object": {"a": {"b": 1}},
    "a list of objects": [{"name": 1, "value": []}],
    "a long list": ["a"] * 2000,
    "a time of no day": "2026-02-30T25:61:61Z",
    "a year out of range": "99999-01-01T00:00:00Z",
    "digits of another script": "٣",
    "a percent sign": "%",
    "a brace": "{{",
    "a backslash": "\\",
    "an expression": "`1`" * 50,
    "a deep expression": "(" * 500 + ")" * 500,
    "a template": "{{7*7}}${7*7}",
    "a quote": "'; DROP TABLE events; --",
}
WRITING = [
    route for route in ROUTES if isinstance(route.body, JsonBody) and route.path.startswith(PREFIX)
]


def schema_of(route: ApiRoute) -> Any:
    assert isinstance(route.body, JsonBody)
    return route.body.schema


def structs_of(route: ApiRoute) -> tuple[Any, ...]:
    """One, or each of a union by kind."""
    return get_args(schema_of(route)) or (schema_of(route),)


def named(route: ApiRoute) -> str:
    return f"{route.method} {route.path.removeprefix(PREFIX)}"


@pytest.fixture
def paths(api: Caller, organization: Any) -> dict[str, str]:
    webhook = api.post("/webhooks", {"url": "https://example.com/hook"})
    return {"<webhook_id>": webhook["id"], "<organization_id>": organization.id}


def send(route: ApiRoute, paths: dict[str, str], api: Caller, platform: Caller, body: bytes) -> Any:
    path = route.path.removeprefix(PREFIX)
    for name, value in paths.items():
        path = path.replace(name, value)
    caller = platform if route.permission == "platform" else api
    return caller(route.method, path, data=body, content_type="application/json")


def rows() -> list[int]:
    return [db.session.query(table).count() for table in (Organization, Webhook, Event, Delivery)]


@pytest.mark.parametrize("route", WRITING, ids=named)
def test_a_hostile_body_is_rejected(
    route: ApiRoute, paths: dict[str, str], api: Caller, platform: Caller
):
    before = rows()
    for name, body in BODIES.items():
        if route.body == JsonBody(schema_of(route), optional=True) and name == "nothing":
            continue
        response = send(route, paths, api, platform, body)
        assert 400 <= response.status_code < 500, f"{name}: {response.status_code} {response.text}"
        assert response.content_type == "application/problem+json", name
    assert rows() == before


@pytest.mark.parametrize("route", WRITING, ids=named)
def test_a_hostile_value_in_any_field_causes_no_server_error(
    route: ApiRoute, paths: dict[str, str], api: Caller, platform: Caller
):
    """Some values are valid for some fields; whatever is accepted can also be read."""
    cases = [(schema, field) for schema in structs_of(route) for field in schema.__struct_fields__]
    for schema, field in cases:
        kind = (
            {} if schema.__struct_config__.tag is None else {"kind": schema.__struct_config__.tag}
        )
        valid = kind | VALID.get(schema.__name__, {})
        for name, value in VALUES.items():
            body = json.dumps({**valid, field: value}).encode()
            response = send(route, paths, api, platform, body)
            assert response.status_code < 500, f"{field} = {name}: {response.text}"
    for path in ("/webhooks?limit=200&include_once=true", "/events?limit=200", "/deliveries"):
        assert api("GET", path).status_code == 200


VALID: dict[str, dict[str, Any]] = {
    "EventInput": {"type": "a", "payload": {}},
    "BatchInput": {},
    "WebhookInput": {"url": "https://example.com/hook"},
    "WebhookChange": {},
    "RotateInput": {},
    "ResendInput": {"dry_run": True, "state": "failed"},
    "OrganizationInput": {"name": "a"},
    "ApiKeyInput": {"name": "a"},
}


def test_a_hostile_event_in_a_batch_causes_no_server_error(api: Caller) -> None:
    for name, value in VALUES.items():
        for event in (value, {"type": value}, {"type": "a", "payload": value}):
            response = api("POST", "/events/batch", {"events": [event]})
            assert response.status_code < 500, f"{name}: {response.text}"


KEYS = ["", "a b", "é", "x" * 129, "\x00", "../a"]


def test_a_hostile_idempotency_key_is_rejected(api: Caller) -> None:
    for key in KEYS:
        headers = {"Idempotency-Key": key}
        response = api("POST", "/events", {"type": "a", "payload": {}}, headers=headers)
        assert response.status_code == 422, key


QUERIES = [
    "q=%00",
    "q=%ff",
    "q=%27%3B--",
    "q=%25",
    "q=_",
    "q=%5C",
    "q=" + "x" * 512,
    "cursor=%00",
    "cursor=AAAA",
    "cursor=MTowMTk4YzdhMi03YzFlLTcwMDAtODAwMC0yZjZiMWY5ZDNjMTE",
    "limit=1e9",
    "&&&",
    "=",
    "%",
    "since=0001-01-01T00:00:00Z",
    "since=0001-01-01T00:00:00%2B23:59",
    "until=9999-12-31T23:59:59Z",
    "until=9999-12-31T23:59:59-23:59",
]


@pytest.mark.parametrize("path", ["/events", "/webhooks", "/deliveries"])
def test_a_hostile_query_causes_no_server_error(api: Caller, path: str) -> None:
    for query in QUERIES:
        assert api("GET", f"{path}?{query}").status_code < 500, query


@pytest.mark.parametrize("number", ["9" * 1001, f"-{'9' * 1001}", "1e400", "-1e400", "1E+999999"])
@pytest.mark.parametrize("path", ["/events", "/events/batch"])
def test_a_number_that_breaks_a_receivers_parser_is_422(
    api: Caller, path: str, number: str
) -> None:
    event = f'{{"type": "a.b", "payload": {{"n": [{number}]}}}}'
    body = event if path == "/events" else f'{{"events": [{event}]}}'
    response = api("POST", path, data=body, content_type="application/json")
    problem(response, 422, "invalid")


def test_an_integer_of_a_thousand_digits_is_accepted(api: Caller) -> None:
    body = f'{{"type": "a.b", "payload": {{"n": {"9" * 1000}}}}}'
    assert api("POST", "/events", data=body, content_type="application/json").status_code == 202


@pytest.mark.parametrize("method", ["CONNECT", "TRACE", "PRI", "trace"])
def test_a_webhook_with_a_method_that_is_no_request_is_422(api: Caller, method: str) -> None:
    fields = {"url": "https://receiver.example.com/", "method": method}
    document = problem(api("POST", "/webhooks", fields), 422, "invalid")
    assert document["errors"][0]["field"] == "method"


def test_no_response_to_a_key_is_cached(api: Caller) -> None:
    for path in ("/webhooks", "/webhooks/none", "/deliveries"):
        assert api("GET", path).headers.getlist("Cache-Control") == ["no-store"], path
