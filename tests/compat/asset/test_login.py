"""The asset dialect's way to a token."""

from typing import Any

import pytest

from app.services.accounts import organizations
from app.services.accounts.actor import SYSTEM
from tests.compat.asset.test_management import is_no_such_path
from tests.compat.caller import UNKNOWN_ID, Caller


@pytest.mark.parametrize("slash", ["", "/"])
def test_login_returns_a_token_that_works(
    call: Caller, organization: Any, api_key: Any, slash: str
) -> None:
    anonymous = call.by()
    body = {"username": api_key.id, "password": api_key.secret, "organization_id": organization.id}
    response = anonymous("POST", f"/api/auth/login{slash}", body)
    assert (response.status_code, response.json) == (200, {"token": api_key.key})
    assert response.headers["Cache-Control"] == "no-store"
    token = {"Authorization": f"Token {response.json['token']}"}
    assert call.by(**token)("GET", f"/api/v1/{organization.id}/webhooks/").status_code == 200
    form = {"username": api_key.id, "password": api_key.key}
    assert anonymous("POST", "/api/auth/login/", data=form).json == {"token": api_key.key}


def test_login_takes_the_organizations_short_code(
    call: Caller, organization: Any, api_key: Any
) -> None:
    organizations.change(organization.id, {"uid": "acme"}, SYSTEM)
    organizations.change(organizations.create("Other").id, {"uid": "other"}, SYSTEM)
    body = {"username": api_key.id, "password": api_key.secret}
    statuses = {
        code: call.by()("POST", "/api/auth/login/", body | {"organization_id": code}).status_code
        for code in ("acme", "other", "nobody")
    }
    assert statuses == {"acme": 200, "other": 400, "nobody": 400}


def test_login_errors_have_the_shape_of_the_original(call: Caller, api_key: Any) -> None:
    anonymous = call.by()
    missing = anonymous("POST", "/api/auth/login/", {"password": ""})
    assert missing.status_code == 400
    assert missing.json == {
        "username": ["This field is required."],
        "password": ["This field may not be blank."],
    }
    valid = {"username": api_key.id, "password": api_key.secret}
    for wrong in (
        {"password": "nonsense"},
        {"username": "a@example.com"},
        {"organization_id": UNKNOWN_ID},
        {"organization_id": 7},
    ):
        response = anonymous("POST", "/api/auth/login/", valid | wrong)
        assert (response.status_code, list(response.json)) == (400, ["non_field_errors"])
    assert anonymous("GET", "/api/auth/login/").status_code == 405
    assert is_no_such_path(anonymous("GET", "/api/auth/logout/"))
