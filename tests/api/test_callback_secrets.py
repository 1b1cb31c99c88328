from typing import Any

import pytest

from app.queries import audit
from app.services.accounts import organizations
from tests.api.conftest import Caller, problem

NOBODY = "0198c7a2-7c1e-7000-8000-2f6b1f9d3c11"


def path(organization: Any, more: str = "") -> str:
    return f"/organizations/{organization.id}/callback-secret{more}"


def test_the_secret_of_one_off_callbacks_is_shown_to_its_organization(
    api: Caller, platform: Caller, organization: Any
):
    secret = organizations.callback_secret(organization.id)
    for caller in (api, platform):
        answer = caller("GET", path(organization))
        assert (answer.status_code, answer.json) == (200, {"secret": secret})
        assert answer.headers["Cache-Control"] == "no-store"
    assert "organization.reveal_secret" in audit.actions(organization.id)


def test_another_organizations_secret_is_not_there(stranger: Caller, organization: Any):
    problem(stranger("GET", path(organization)), 404, "not_found")


def test_a_platform_key_rotates_it_and_the_former_one_signs_on_for_a_while(
    platform: Caller, organization: Any
):
    before = organizations.callback_secret(organization.id)
    new = platform.made(path(organization, "/rotate"), {"overlap_seconds": 60})["secret"]
    assert new != before
    assert platform("GET", path(organization)).json == {"secret": new}
    assert platform("POST", path(organization, "/rotate")).status_code == 200


def test_a_key_of_the_organization_does_not_rotate_it(api: Caller, organization: Any):
    problem(api("POST", path(organization, "/rotate")), 403, "forbidden")


@pytest.mark.parametrize("given", [{"overlap_seconds": -1}, {"overlap_seconds": "1"}, {"x": 1}])
def test_a_wrong_overlap_changes_nothing(
    platform: Caller, organization: Any, given: dict[str, Any]
):
    before = organizations.callback_secret(organization.id)
    problem(platform("POST", path(organization, "/rotate"), given), 422, "invalid")
    assert organizations.callback_secret(organization.id) == before


def test_nobody_has_a_secret_where_there_is_no_organization(platform: Caller):
    for method, more in (("GET", ""), ("POST", "/rotate")):
        answer = platform(method, f"/organizations/{NOBODY}/callback-secret{more}")
        problem(answer, 404, "not_found")
