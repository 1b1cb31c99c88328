from typing import Any

from flask.testing import FlaskClient

from tests.api.conftest import Caller, problem

UNKNOWN = "0198c7a2-7c1e-7000-8000-2f6b1f9d3c11"


def path(organization_id: str) -> str:
    return f"/organizations/{organization_id}/api-keys"


def test_keys_are_listed_without_their_secrets(platform: Caller, organization: Any):
    created = platform.post(path(organization.id), {"name": "all"})
    shown = platform("GET", path(organization.id))
    newest = shown.json["data"][0]
    assert {name: newest[name] for name in ("name", "prefix", "scopes")} == {
        name: created[name] for name in ("name", "prefix", "scopes")
    }
    assert created["secret"] not in shown.text


def test_a_revoked_key_is_rejected_and_stays_in_the_list(
    platform: Caller, organization: Any, client: FlaskClient
):
    created = platform.post(path(organization.id), {"name": "leaked"})
    caller = Caller(client, {"Authorization": f"Bearer {created['key']}"})
    assert caller("GET", "/webhooks").status_code == 200
    for _ in range(2):
        assert platform("DELETE", f"{path(organization.id)}/{created['id']}").status_code == 204
    assert caller("GET", "/webhooks").status_code == 401
    [shown] = [
        key
        for key in platform("GET", path(organization.id)).json["data"]
        if key["id"] == created["id"]
    ]
    assert shown["revoked_at"] is not None


def test_a_key_can_be_revoked_only_under_its_own_organization(platform: Caller, organization: Any):
    other = platform.post("/organizations", {"name": "Other"})
    created = platform.post(path(organization.id), {"name": "a"})
    for organization_id in (other["id"], UNKNOWN):
        response = platform("DELETE", f"{path(organization_id)}/{created['id']}")
        problem(response, 404, "not_found")
    problem(platform("GET", path(UNKNOWN)), 404, "not_found")


def test_an_organization_key_can_neither_list_nor_revoke_keys(
    api: Caller, organization: Any, api_key: Any
):
    problem(api("GET", path(organization.id)), 403, "forbidden")
    problem(api("DELETE", f"{path(organization.id)}/{api_key.id}"), 403, "forbidden")
