from typing import Any

import pytest
from flask.testing import FlaskClient

from app.domain.common.clock import iso, now_ms
from app.services.accounts import api_keys
from app.services.accounts.actor import SYSTEM
from tests.api.conftest import Caller, problem

OWN_ID = "0198c7a2-7c1e-7000-8000-2f6b1f9d3c11"


def path(organization: Any) -> str:
    return f"/organizations/{organization.id}/portal-links"


def test_a_platform_key_creates_a_link_without_naming_the_organization_twice(
    platform: Caller, organization: Any
):
    before = iso(now_ms() + 59_000)
    response = platform("POST", path(organization), {"expires_in": 60, "role": "viewer"})
    assert response.status_code == 201
    assert response.headers["Cache-Control"] == "no-store"
    created = response.json
    assert created["organization_id"] == organization.id
    assert created["role"] == "viewer"
    assert before < created["expires_at"] < iso(now_ms() + 61_000)
    assert f"/portal/{organization.id}/enter/" in created["url"]


def test_the_link_opens(api: Caller, organization: Any, client: FlaskClient):
    created = api.post(path(organization), None)
    response = client.get(created["url"], follow_redirects=True)
    assert response.status_code == 200
    assert organization.name in response.text


def test_a_key_of_another_organization_gets_a_404(stranger: Caller, organization: Any):
    problem(stranger("POST", path(organization), {}), 404, "not_found")
    problem(stranger("DELETE", path(organization)), 404, "not_found")


@pytest.mark.parametrize("organization_id", [OWN_ID, "x"])
def test_an_unknown_organization_is_a_404(platform: Caller, organization_id: str):
    response = platform("POST", f"/organizations/{organization_id}/portal-links", {})
    problem(response, 404, "not_found")


@pytest.mark.parametrize(
    ("scopes", "role"),
    [(["deliveries:read"], "viewer"), (["webhooks:manage", "deliveries:read"], "member")],
)
def test_a_key_cannot_create_a_link_with_more_rights_than_its_own(
    client: FlaskClient, organization: Any, scopes: list[str], role: str
):
    key = api_keys.create(organization.id, "small", scopes, actor=SYSTEM)
    caller = Caller(client, {"Authorization": f"Bearer {key.key}"})
    problem(caller("POST", path(organization), {"role": role}), 403, "forbidden")


def test_all_errors_are_reported_at_once(api: Caller, organization: Any):
    document = {"role": "owner", "expires_in": 1, "allowed_origins": ["*"], "admin": True}
    response = problem(api("POST", path(organization), document), 422, "invalid")
    fields = {error["field"] for error in response["errors"]}
    assert fields == {"role", "expires_in", "allowed_origins[0]", "admin"}


def test_revoking_all_links_closes_them(api: Caller, organization: Any, client: FlaskClient):
    created = api.post(path(organization), {})
    assert client.get(created["url"]).status_code == 303
    assert api("DELETE", path(organization)).status_code == 204
    assert client.get(created["url"]).status_code == 401
    assert client.get(f"/portal/{organization.id}/").status_code == 401
