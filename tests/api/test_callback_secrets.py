from typing import Any

import pytest

from app.queries import audit
from app.services.accounts import organizations
from tests.api.conftest import Caller, problem

UNKNOWN = "0198c7a2-7c1e-7000-8000-2f6b1f9d3c11"


def path(organization: Any, more: str = "") -> str:
    return f"/organizations/{organization.id}/callback-secret{more}"


def test_an_organization_can_read_its_callback_secret(
    api: Caller, platform: Caller, organization: Any
):
    secret = organizations.callback_secret(organization.id)
    for caller in (api, platform):
        response = caller("GET", path(organization))
        assert (response.status_code, response.json) == (200, {"secret": secret})
        assert response.headers["Cache-Control"] == "no-store"
    assert "organization.reveal_secret" in audit.actions(organization.id)


def test_the_callback_secret_of_another_organization_is_not_found(
    stranger: Caller, organization: Any
):
    problem(stranger("GET", path(organization)), 404, "not_found")


def test_a_platform_key_rotates_it_and_the_previous_one_stays_valid_for_a_while(
    platform: Caller, organization: Any
):
    before = organizations.callback_secret(organization.id)
    new = platform.post(path(organization, "/rotate"), {"overlap_seconds": 60})["secret"]
    assert new != before
    assert platform("GET", path(organization)).json == {"secret": new}
    assert platform("POST", path(organization, "/rotate")).status_code == 200


def test_an_organization_key_cannot_rotate_it(api: Caller, organization: Any):
    problem(api("POST", path(organization, "/rotate")), 403, "forbidden")


@pytest.mark.parametrize("fields", [{"overlap_seconds": -1}, {"overlap_seconds": "1"}, {"x": 1}])
def test_an_invalid_overlap_changes_nothing(
    platform: Caller, organization: Any, fields: dict[str, Any]
):
    before = organizations.callback_secret(organization.id)
    problem(platform("POST", path(organization, "/rotate"), fields), 422, "invalid")
    assert organizations.callback_secret(organization.id) == before


def test_an_unknown_organization_has_no_callback_secret(platform: Caller):
    for method, more in (("GET", ""), ("POST", "/rotate")):
        response = platform(method, f"/organizations/{UNKNOWN}/callback-secret{more}")
        problem(response, 404, "not_found")
