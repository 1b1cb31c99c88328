"""What the resources do that the walk through the package does not show."""

from typing import Any

import pytest
from svix.api import Svix
from svix.exceptions import HttpError, HTTPValidationError
from svix.models import (
    AppPortalAccessIn,
    EndpointIn,
    EndpointOut,
    EndpointPatch,
    EventTypeIn,
    MessageIn,
)

from app.domain.event_types.fields import EventTypeFields
from app.services.accounts.actor import SYSTEM
from app.services.event_types import service as event_types
from tests.compat.caller import UNKNOWN_ID, URL, Caller
from tests.compat.svix.conftest import Deliver

TYPE = "user.created"


def test_a_uid_is_taken_until_its_endpoint_is_deleted(own: Svix, app_id: str) -> None:
    first = own.endpoint.create(app_id, EndpointIn(url=URL, uid="mine"))
    second = own.endpoint.create(app_id, EndpointIn(url=URL))
    for attempt in (
        lambda: own.endpoint.create(app_id, EndpointIn(url=URL, uid="mine")),
        lambda: own.endpoint.patch(app_id, second.id, EndpointPatch(uid="mine")),
    ):
        with pytest.raises(HttpError) as caught:
            attempt()
        assert (caught.value.status_code, caught.value.code) == (409, "conflict")
    own.endpoint.delete(app_id, first.id)
    assert own.endpoint.patch(app_id, second.id, EndpointPatch(uid="mine")).uid == "mine"
    assert own.endpoint.get(app_id, "mine").id == second.id


def test_a_key_learns_the_application_it_is_limited_to(
    environment: Svix, platform_key: str, raw: Caller, app_id: str
) -> None:
    assert raw("GET", "/auth/whoami").json == {"permissionSource": "Unknown", "appId": app_id}
    platform = raw.by(Authorization=f"Bearer {platform_key}")
    assert platform("GET", "/auth/whoami").json == {"permissionSource": "Unknown"}


def test_the_attempts_of_a_message_at_one_endpoint_have_a_path_of_their_own(
    own: Svix, raw: Caller, app_id: str, endpoint: EndpointOut, deliver: Deliver
) -> None:
    """Of clients 1.x."""
    own.endpoint.create(app_id, EndpointIn(url=endpoint.url))
    message = own.message.create(app_id, MessageIn(event_type=TYPE, payload={}))
    deliver(lambda: len(own.message_attempt.list_by_msg(app_id, message.id).data) == 2)
    path = f"/app/{app_id}/msg/{message.id}/endpoint"
    [row] = raw("GET", f"{path}/mine/attempt").json["data"]
    assert row["endpointId"] == endpoint.id
    assert raw("GET", f"{path}/nobody/attempt").status_code == 404


def test_a_message_that_does_not_match_its_schema_is_refused_as_svix_refuses(
    own: Svix, raw: Caller, app_id: str, organization: Any
) -> None:
    fields = EventTypeFields(schema={"required": ["id"]}, schema_check="reject")
    event_types.put(organization.id, TYPE, fields, SYSTEM)
    with pytest.raises(HTTPValidationError) as caught:
        own.message.create(app_id, MessageIn(event_type=TYPE, payload={}))
    [detail] = caught.value.detail
    assert "'id' is a required property" in detail.msg
    own.message.create(app_id, MessageIn(event_type=TYPE, payload={"id": 7}))


def test_a_disabled_endpoint_is_a_paused_webhook(own: Svix, raw: Caller, app_id: str) -> None:
    created = own.endpoint.create(app_id, EndpointIn(url=URL, disabled=True))
    assert created.disabled
    assert not raw("GET", f"/webhooks/{created.id.removeprefix('ep_')}").json["is_active"]
    assert not own.endpoint.patch(app_id, created.id, EndpointPatch(disabled=False)).disabled


def test_a_put_keeps_what_an_endpoint_cannot_name(own: Svix, raw: Caller, app_id: str) -> None:
    created = own.endpoint.create(app_id, EndpointIn(url=URL, headers={"X-A": "1"}))
    webhook = f"/webhooks/{created.id.removeprefix('ep_')}"
    raw("PATCH", webhook, {"timeout_seconds": 3})
    secret = own.endpoint.get_secret(app_id, created.id)
    raw("PUT", f"/app/{app_id}/endpoint/{created.id}", {"url": URL, "description": "New"})
    after = raw("GET", webhook).json
    assert (after["timeout_seconds"], after["description"]) == (3, "New")
    assert own.endpoint.get_secret(app_id, created.id) == secret
    assert own.endpoint.get_headers(app_id, created.id).headers == {"X-A": "1"}


def test_a_put_to_a_new_uid_creates_the_endpoint(raw: Caller, app_id: str) -> None:
    response = raw("PUT", f"/app/{app_id}/endpoint/brand-new", {"url": URL})
    assert (response.status_code, response.json["uid"]) == (201, "brand-new")
    unknown = raw("PUT", f"/app/{app_id}/endpoint/ep_{UNKNOWN_ID}", {"url": URL})
    assert unknown.status_code == 404


def test_the_payload_keeps_its_bytes(raw: Caller, app_id: str) -> None:
    body = b'{"eventType": "a.b", "payload": {"n": 1.10, "big": 123456789012345678901}}'
    sent = raw("POST", f"/app/{app_id}/msg", data=body, content_type="application/json")
    assert sent.status_code == 202
    assert b'"payload":{"n": 1.10, "big": 123456789012345678901}' in sent.data


def test_a_repeated_message_is_the_same_and_another_one_under_its_key_a_conflict(
    raw: Caller, app_id: str
) -> None:
    def send(number: int, key: str, **more: Any) -> Any:
        document = {"eventType": "a.b", "payload": {"n": number}, **more}
        return raw("POST", f"/app/{app_id}/msg", document, headers={"Idempotency-Key": key})

    first, again = send(1, "any key/+ é"), send(1, "any key/+ é")
    assert first.json == again.json
    assert (first.json["eventId"], send(2, "any key/+ é").status_code) == (None, 409)
    named = send(1, "auto_1", eventId="e-1")
    assert named.json["eventId"] == "e-1"
    assert send(1, "auto_2", eventId="e-1").json["id"] == named.json["id"]
    assert send(2, "auto_3", eventId="e-1").status_code == 409


def test_fields_of_a_message_are_carried_or_refused(raw: Caller, app_id: str) -> None:
    cases: list[tuple[dict[str, Any], int]] = [
        ({"tags": ["a"]}, 501),
        ({"deliverAt": "2030-01-01T00:00:00Z"}, 501),
        ({"channels": ["a", "b"]}, 501),
        ({"payloadRetentionHours": 1}, 501),
        ({"eventType": "not a name"}, 422),
        ({"payload": [1]}, 422),
        ({"eventId": "a b"}, 422),
        ({"channels": [], "tags": []}, 202),
    ]
    for more, status in cases:
        document = {"eventType": "a.b", "payload": {}, **more}
        assert raw("POST", f"/app/{app_id}/msg", document).status_code == status, more


def test_a_read_only_portal_is_a_viewers(own: Svix, raw: Caller, app_id: str) -> None:
    own.authentication.app_portal_access(app_id, AppPortalAccessIn(read_only=True))
    own.authentication.app_portal_access(app_id, AppPortalAccessIn())
    entries = raw("GET", "/audit-log").json["data"]
    roles = [e["after"]["role"] for e in entries if e["action"] == "portal_link.create"]
    assert roles == ["member", "viewer"]


def test_credentials_among_headers_are_secret(own: Svix, raw: Caller, app_id: str) -> None:
    headers = {"X-Team": "a", "X-Api-Key": "hidden-value"}
    created = own.endpoint.create(app_id, EndpointIn(url=URL, headers=headers))
    shown = own.endpoint.get_headers(app_id, created.id)
    assert (shown.headers, shown.sensitive) == ({"X-Team": "a"}, ["X-Api-Key"])
    assert b"hidden-value" not in raw("GET", "/audit-log").data


def test_an_existing_event_type_is_a_conflict(own: Svix) -> None:
    described = EventTypeIn(name=TYPE, description="x")
    own.event_type.create(described)
    with pytest.raises(HttpError) as caught:
        own.event_type.create(described)
    assert caught.value.status_code == 409
    with pytest.raises(HTTPValidationError):
        own.event_type.create(EventTypeIn(name="not a name", description="x"))


@pytest.mark.parametrize("is_platform", [False, True])
def test_a_schema_that_refers_to_nothing_is_refused(
    own: Svix, environment: Svix, is_platform: bool
) -> None:
    svix = environment if is_platform else own
    schemas = {"1": {"properties": {"id": {"$ref": "#/$defs/id"}}}}
    with pytest.raises(HTTPValidationError) as caught:
        svix.event_type.create(EventTypeIn(name=TYPE, description="x", schemas=schemas))
    [error] = caught.value.detail
    assert error.loc == ["body", "schemas"]
    assert "$.properties.id: #/$defs/id refers to nothing in this schema." in error.msg
    assert svix.event_type.list().data == []


def test_an_expunged_message_is_gone_everywhere_and_is_not_sent(
    own: Svix, raw: Caller, app_id: str, endpoint: EndpointOut
) -> None:
    fields = MessageIn(event_type=TYPE, payload={"card": "4111"})
    message = own.message.create(app_id, fields)
    own.message.expunge_content(app_id, message.id)
    event = raw("GET", f"/events/{message.id.removeprefix('msg_')}").json
    assert event["payload"] is None
    assert [row["state"] for row in event["deliveries"]] == ["cancelled"]
    with pytest.raises(HttpError) as caught:
        own.message_attempt.resend(app_id, message.id, endpoint.id)
    assert caught.value.status_code == 409
    [entry] = [e for e in raw("GET", "/audit-log").json["data"] if e["action"] == "event.expunge"]
    assert entry["after"] == {"deliveries_cancelled": 1}
