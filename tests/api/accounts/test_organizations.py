from typing import Any

import pytest
from flask.testing import FlaskClient

from app.models import AuditEntry
from app.models.common.base import db
from tests.api.conftest import Caller

OWN_ID = "0198c7a2-7c1e-7000-8000-2f6b1f9d3c11"


def test_an_organization_can_be_created_with_its_own_id(platform: Caller):
    created = platform.post("/organizations", {"name": "Acme", "id": OWN_ID.upper()})
    assert created["id"] == OWN_ID
    assert created["name"] == "Acme"


def test_an_existing_id_is_a_conflict(platform: Caller):
    platform.post("/organizations", {"name": "Acme", "id": OWN_ID})
    response = platform("POST", "/organizations", {"name": "Other", "id": OWN_ID})
    assert response.status_code == 409


def test_a_new_key_works_for_its_organization(platform: Caller, client: FlaskClient):
    created = platform.post("/organizations", {"name": "Acme"})
    path = f"/organizations/{created['id']}/api-keys"
    key = platform.post(path, {"name": "producer", "scopes": ["events:write"]})
    assert key["scopes"] == ["events:write"]
    assert key["organization_id"] == created["id"]
    assert key["expires_at"] is None
    caller = Caller(client, {"Authorization": f"Bearer {key['key']}"})
    assert caller("POST", "/events", {"type": "a", "payload": {}}).status_code == 202


def test_a_key_without_scopes_has_all_of_them(platform: Caller, organization: Any):
    key = platform.post(f"/organizations/{organization.id}/api-keys", {"name": "all"})
    assert sorted(key["scopes"]) == [
        "audit:read",
        "deliveries:read",
        "deliveries:resend",
        "events:write",
        "webhooks:manage",
    ]


def test_a_key_may_expire(platform: Caller, organization: Any):
    document = {"name": "short", "expires_at": "2100-01-01T00:00:00+01:00"}
    key = platform.post(f"/organizations/{organization.id}/api-keys", document)
    assert key["expires_at"] == "2099-12-31T23:00:00.000Z"


@pytest.mark.parametrize("organization_id", [OWN_ID, "x"])
def test_creating_a_key_for_an_unknown_organization_is_a_404(
    platform: Caller, organization_id: str
):
    path = f"/organizations/{organization_id}/api-keys"
    assert platform("POST", path, {"name": "a"}).status_code == 404


def test_all_organizations_are_listed_newest_first(platform: Caller):
    ids = [platform.post("/organizations", {"name": name})["id"] for name in "abc"]
    first = platform("GET", "/organizations?limit=2").json
    assert [row["id"] for row in first["data"]] == [ids[2], ids[1]]
    rest = platform("GET", f"/organizations?cursor={first['next_cursor']}").json
    assert [row["id"] for row in rest["data"]][:1] == [ids[0]]
    assert rest["next_cursor"] is None


def test_only_a_platform_key_can_list_organizations(api: Caller):
    assert api("GET", "/organizations").status_code == 403


@pytest.mark.parametrize("path", ["/organizations", f"/organizations/{OWN_ID}/api-keys"])
def test_only_a_platform_key_can_create_organizations_and_keys(api: Caller, path: str):
    assert api("POST", path, {"name": "a"}).status_code == 403


def test_all_errors_of_a_key_are_reported_at_once(platform: Caller, organization: Any):
    document = {"scopes": ["events:read"], "expires_at": "2001-01-01T00:00:00Z", "role": "owner"}
    response = platform("POST", f"/organizations/{organization.id}/api-keys", document)
    assert response.status_code == 422
    fields = {error["field"] for error in response.json["errors"]}
    assert fields == {"role", "name", "scopes[0]", "expires_at"}


def test_a_key_reads_its_own_organization_only(api: Caller, platform: Caller, organization: Any):
    assert api("GET", f"/organizations/{organization.id}").json["name"] == organization.name
    other = platform.post("/organizations", {"name": "Other"})
    assert api("GET", f"/organizations/{other['id']}").status_code == 404


def test_a_platform_key_renames_an_organization(platform: Caller, organization: Any):
    path = f"/organizations/{organization.id}"
    assert platform("PATCH", path, {"name": "New"}).json["name"] == "New"
    assert platform("GET", path).json["name"] == "New"
    assert platform("PATCH", path, {"name": ""}).status_code == 422
    assert platform("PATCH", path, {"id": OWN_ID}).status_code == 422
    assert platform("PATCH", f"/organizations/{OWN_ID}", {"name": "New"}).status_code == 404


def test_an_organization_is_suspended_and_resumed(platform: Caller, api: Caller, organization: Any):
    path = f"/organizations/{organization.id}"
    assert platform("GET", path).json["suspended_at"] is None
    suspended = platform("POST", f"{path}/suspend").json
    assert suspended["suspended_at"] is not None
    assert api("GET", "/deliveries").status_code == 403
    assert platform("POST", f"{path}/suspend").status_code == 409
    assert platform("POST", f"{path}/resume").json["suspended_at"] is None
    assert api("GET", "/deliveries").status_code == 200
    assert platform("POST", f"{path}/resume").status_code == 409
    assert _audited() == ["organization.suspend", "organization.resume"]


def test_two_factor_authentication_is_required(platform: Caller, organization: Any):
    path = f"/organizations/{organization.id}"
    changed = platform("PATCH", path, {"requires_two_factor": True}).json
    assert changed["requires_two_factor"] is True
    entry = db.session.query(AuditEntry).filter_by(action="organization.update").one()
    assert (entry.before, entry.after) == (
        {"requires_two_factor": False},
        {"requires_two_factor": True},
    )
    assert entry.actor_kind == "api_key"
    reset = platform("PATCH", path, {"requires_two_factor": False}).json
    assert reset["requires_two_factor"] is False


def test_the_index_of_payload_values_is_turned_off(platform: Caller, organization: Any):
    path = f"/organizations/{organization.id}"
    assert platform("GET", path).json["indexes_values"] is True
    assert platform("PATCH", path, {"indexes_values": False}).json["indexes_values"] is False
    entry = db.session.query(AuditEntry).filter_by(action="organization.update").one()
    assert (entry.before, entry.after) == ({"indexes_values": True}, {"indexes_values": False})


@pytest.mark.parametrize("value", ["yes", None, 1])
def test_an_invalid_change_of_an_organization_is_refused(
    platform: Caller, organization: Any, value: object
):
    document = {"requires_two_factor": value, "name": "Other"}
    response = platform("PATCH", f"/organizations/{organization.id}", document)
    assert response.status_code == 422
    assert [error["field"] for error in response.json["errors"]] == ["requires_two_factor"]
    assert platform("GET", f"/organizations/{organization.id}").json["name"] == organization.name


@pytest.mark.parametrize("line", ["PATCH", "POST /suspend", "POST /resume"])
def test_a_key_of_the_organization_cannot_change_it(api: Caller, organization: Any, line: str):
    method, _, more = line.partition(" ")
    document = {"requires_two_factor": True} if method == "PATCH" else None
    assert api(method, f"/organizations/{organization.id}{more}", document).status_code == 403


@pytest.mark.parametrize("line", ["GET", "PATCH", "POST /suspend", "POST /resume"])
def test_an_unknown_organization_is_not_found(platform: Caller, line: str):
    method, _, more = line.partition(" ")
    document = {"requires_two_factor": True} if method == "PATCH" else None
    assert platform(method, f"/organizations/{OWN_ID}{more}", document).status_code == 404


def _audited() -> list[str]:
    actions = db.session.query(AuditEntry.action).order_by(AuditEntry.id)
    wanted = ("organization.suspend", "organization.resume")
    return [action for (action,) in actions if action in wanted]


def test_an_organization_has_an_id_of_the_callers_own(platform: Caller, organization: Any) -> None:
    created = platform("POST", "/organizations", {"name": "Second", "uid": "second"}).json
    assert created["uid"] == "second"
    path = f"/organizations/{organization.id}"
    assert platform("PATCH", path, {"uid": "9mg3d2"}).json["uid"] == "9mg3d2"
    assert platform("PATCH", path, {"name": "Renamed"}).json["uid"] == "9mg3d2"
    taken = platform("PATCH", path, {"uid": "second"})
    assert taken.status_code == 409
    assert platform("PATCH", path, {"uid": "not valid"}).status_code == 422
    assert platform("PATCH", path, {"uid": None}).json["uid"] is None


def test_a_platform_key_deletes_an_organization_by_its_name(platform: Caller) -> None:
    organization = platform.post("/organizations", {"name": "Acme & Co"})
    path = f"/organizations/{organization['id']}"
    missing = platform("DELETE", path)
    assert (missing.status_code, missing.json["errors"][0]["field"]) == (422, "confirm")
    assert platform("DELETE", f"{path}?confirm=Acme").status_code == 422
    assert platform("DELETE", f"{path}?confirm=Acme+%26+Co").status_code == 204
    assert platform("DELETE", f"{path}?confirm=Acme+%26+Co").status_code == 404
    assert platform("PATCH", path, {"name": "x"}).status_code == 404
    listed = platform("GET", "/organizations").json["data"]
    assert organization["id"] not in [row["id"] for row in listed]
