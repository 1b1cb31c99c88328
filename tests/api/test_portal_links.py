from typing import Any

import pytest
from flask.testing import FlaskClient

from app.domain.common.clock import iso, now_ms
from app.services.accounts import api_keys
from app.services.accounts.actor import SYSTEM
from tests.api.conftest import Caller, problem

CHOSEN = "0198c7a2-7c1e-7000-8000-2f6b1f9d3c11"


def path(organization: Any) -> str:
    return f"/organizations/{organization.id}/portal-links"


def test_a_platform_key_makes_a_link_without_naming_the_organization_twice(
    platform: Caller, organization: Any
):
    before = iso(now_ms() + 59_000)
    answer = platform("POST", path(organization), {"expires_in": 60, "role": "viewer"})
    assert answer.status_code == 201
    assert answer.headers["Cache-Control"] == "no-store"
    made = answer.json
    assert made["organization_id"] == organization.id
    assert made["role"] == "viewer"
    assert before < made["expires_at"] < iso(now_ms() + 61_000)
    assert f"/portal/{organization.id}/enter/" in made["url"]


def test_the_link_opens(api: Caller, organization: Any, client: FlaskClient):
    made = api.made(path(organization), None)
    answer = client.get(made["url"], follow_redirects=True)
    assert answer.status_code == 200
    assert organization.name in answer.text


def test_another_organizations_key_finds_nothing(stranger: Caller, organization: Any):
    problem(stranger("POST", path(organization), {}), 404, "not_found")
    problem(stranger("DELETE", path(organization)), 404, "not_found")


@pytest.mark.parametrize("organization_id", [CHOSEN, "x"])
def test_an_organization_that_is_not_there_is_a_404(platform: Caller, organization_id: str):
    answer = platform("POST", f"/organizations/{organization_id}/portal-links", {})
    problem(answer, 404, "not_found")


@pytest.mark.parametrize(
    ("scopes", "role"),
    [(["deliveries:read"], "viewer"), (["webhooks:manage", "deliveries:read"], "member")],
)
def test_a_key_makes_no_link_that_may_do_more_than_itself(
    client: FlaskClient, organization: Any, scopes: list[str], role: str
):
    key = api_keys.create(organization.id, "small", scopes, actor=SYSTEM)
    caller = Caller(client, {"Authorization": f"Bearer {key.key}"})
    problem(caller("POST", path(organization), {"role": role}), 403, "forbidden")


def test_all_that_is_wrong_is_told_at_once(api: Caller, organization: Any):
    document = {"role": "owner", "expires_in": 1, "allowed_origins": ["*"], "admin": True}
    answer = problem(api("POST", path(organization), document), 422, "invalid")
    fields = {error["field"] for error in answer["errors"]}
    assert fields == {"role", "expires_in", "allowed_origins[0]", "admin"}


def test_ending_all_links_shuts_them(api: Caller, organization: Any, client: FlaskClient):
    made = api.made(path(organization), {})
    assert client.get(made["url"]).status_code == 303
    assert api("DELETE", path(organization)).status_code == 204
    assert client.get(made["url"]).status_code == 401
    assert client.get(f"/portal/{organization.id}/").status_code == 401
