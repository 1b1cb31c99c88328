"""Errors, and the fields of both generations of clients."""

from typing import Any

import pytest
from svix.api import Svix
from svix.models import EndpointIn, EndpointOut

from tests.compat.caller import UNKNOWN_ID, URL, Caller, every_error, rate_limited

TYPE = "user.created"


def test_every_error_has_a_code_and_a_detail(raw: Caller, app_id: str) -> None:
    created = raw("POST", f"/app/{app_id}/endpoint", {"url": URL}).json["id"]
    collection, missing = f"/app/{app_id}/endpoint", f"/app/{app_id}/nothing"
    for fault, status, response in every_error(raw, collection, f"{collection}/{created}", missing):
        assert response.status_code == status, fault
        assert set(response.json) == {"code", "detail"}, fault
    response = rate_limited(raw, collection)
    assert (response.status_code, response.json["code"]) == (429, "rate_limited")


def test_paths_of_svix_carry_its_error_shape(raw: Caller) -> None:
    for path in ("/app/x", "/event-type/x/y", "/auth", "/stats/x", "/background-task/x"):
        for caller in (raw, raw.by()):
            response = caller("GET", path + "/no/such/path")
            assert response.status_code == 404
            assert set(response.json) == {"code", "detail"}


def test_reserved_words_do_not_name_an_organization(raw: Caller) -> None:
    """Below an organization's id this path has the asset dialect's shape, plain text."""
    for word in ("app", "auth", "stats", "stream", "event-type", "connector"):
        response = raw("GET", f"/{word}/webhooks")
        assert response.status_code in (404, 501)
        assert set(response.json) == {"code", "detail"}


def test_what_is_not_supported_is_501_with_a_sentence(raw: Caller, app_id: str) -> None:
    for method, path in (
        ("GET", "/stream"),
        ("GET", "/stream/event-type/a.b"),
        ("POST", "/auth/stream/x/expire-all"),
        ("POST", "/connector"),
        ("GET", "/operational-webhook/endpoint"),
        ("GET", f"/app/{app_id}/integration/x"),
        ("POST", f"/app/{app_id}/msg/bulk-expunge"),
        ("GET", f"/app/{app_id}/endpoint/x/transformation"),
    ):
        assert raw.by()(method, path).status_code == 401
        response = raw(method, path)
        assert (response.status_code, response.json["code"]) == (501, "not_implemented")
        assert response.json["detail"].endswith(".")


def test_an_invalid_field_is_422_with_its_location(raw: Caller, app_id: str) -> None:
    cases: list[tuple[dict[str, Any], str]] = [
        ({}, "url"),
        ({"url": "nonsense"}, "url"),
        ({"url": URL, "eventTypes": [1]}, "eventTypes"),
        ({"url": URL, "filterTypes": []}, "eventTypes"),
        ({"url": URL, "channels": "x"}, "channels"),
        ({"url": URL, "rateLimit": 0}, "rateLimit"),
        ({"url": URL, "uid": "a b"}, "uid"),
        ({"url": URL, "uid": UNKNOWN_ID}, "uid"),
        ({"url": URL, "uid": f"ep_{UNKNOWN_ID}"}, "uid"),
        ({"url": URL, "metadata": {"a": 1}}, "metadata"),
        ({"url": URL, "secret": "x"}, "secret"),
    ]
    for fields, name in cases:
        response = raw("POST", f"/app/{app_id}/endpoint", fields)
        assert response.status_code == 422, fields
        [error] = response.json["detail"]
        assert (error["loc"], set(error)) == (["body", name], {"loc", "msg", "type"})


def test_an_invalid_query_is_422_with_its_name(raw: Caller, app_id: str) -> None:
    for query in ("limit=0", "limit=x", "iterator=x", "order=up", "iterator=-"):
        response = raw("GET", f"/app/{app_id}/endpoint?{query}")
        assert response.status_code == 422, query
        assert response.json["detail"][0]["loc"] == ["query", query.partition("=")[0]]


def test_clients_1_x_send_and_get_their_own_field_names(raw: Caller, app_id: str) -> None:
    sent = {"url": URL, "filterTypes": [TYPE], "rateLimit": 7, "version": 1}
    created = raw("POST", f"/app/{app_id}/endpoint/", sent).json
    assert (created["filterTypes"], created["rateLimit"], created["version"]) == ([TYPE], 7, 1)
    assert (created["eventTypes"], created["throttleRate"]) == ([TYPE], 7)
    path = f"/app/{app_id}/endpoint/{created['id']}/"
    patched = raw("PATCH", path, {"filterTypes": None, "rateLimit": None}).json
    assert (patched["eventTypes"], patched["throttleRate"]) == (None, None)
    old = raw("POST", f"/auth/dashboard-access/{app_id}/", {})
    assert (old.status_code, set(old.json)) == (200, {"url", "token"})


def test_an_endpoint_is_a_webhook_with_the_preset_svix(own: Svix, raw: Caller, app_id: str) -> None:
    created = own.endpoint.create(app_id, EndpointIn(url=URL, uid="mine", channels=["a"]))
    webhook = raw("GET", f"/webhooks/{created.id.removeprefix('ep_')}").json
    assert (webhook["preset"], webhook["sources"]) == ("svix", ["a"])
    entries = raw("GET", "/audit-log").json["data"]
    [entry] = [e for e in entries if e["action"] == "webhook.create"]
    assert entry["after"]["uid"] == "mine"


@pytest.mark.parametrize(
    ("user_agent", "status"),
    [("svix-libs/1.99.1/java jre/17", 204), ("svix-libs/2.9.1/python", 200), ("curl/8", 200)],
)
def test_a_rotation_responds_without_a_body_to_clients_1_x(
    raw: Caller, app_id: str, endpoint: EndpointOut, user_agent: str, status: int
) -> None:
    rotate = f"/app/{app_id}/endpoint/{endpoint.id}/secret/rotate"
    response = raw("POST", rotate, {}, headers={"User-Agent": user_agent})
    assert response.status_code == status
    assert bool(response.data) == (status == 200)


def test_a_raw_payload_is_kept_as_it_came(raw: Caller, app_id: str) -> None:
    """The clients for Java, Kotlin and C# send every payload so."""
    params: dict[str, Any] = {"rawPayload": '{"b": 1.0,  "a": 2}'}
    body = {"eventType": TYPE, "payload": {}, "transformationsParams": params}
    created = raw("POST", f"/app/{app_id}/msg", body)
    assert (created.status_code, created.json["payload"]) == (202, {"b": 1.0, "a": 2})
    stored = raw("GET", f"/app/{app_id}/msg/{created.json['id']}")
    assert b'{"b": 1.0,  "a": 2}' in stored.data


@pytest.mark.parametrize(
    "params",
    [
        {"rawPayload": "<a/>", "headers": {"content-type": "text/xml"}},
        {"rawPayload": "<a/>"},
        {"rawPayload": '{}, "source": "x"'},
        {"rawPayload": 1},
        {"other": 1},
        [],
        1,
    ],
)
def test_other_transformations_are_refused(raw: Caller, app_id: str, params: Any) -> None:
    body = {"eventType": TYPE, "payload": {}, "transformationsParams": params}
    response = raw("POST", f"/app/{app_id}/msg", body)
    assert (response.status_code, response.json["code"]) == (501, "not_implemented")
