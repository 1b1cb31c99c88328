import base64
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.domain.accounts.permissions import SCOPES
from app.runtime.context import KEY_SECONDS, runtime_of
from app.services.accounts import api_keys
from app.services.accounts.actor import SYSTEM
from tests.api.conftest import Caller

UNKNOWN = "0198c7a2-7c1e-7000-8000-2f6b1f9d3c11"


@pytest.fixture
def app(sqlite_app: Flask) -> Flask:
    return sqlite_app


def with_header(client: FlaskClient, value: str | None) -> Caller:
    return Caller(client, {} if value is None else {"Authorization": value})


def basic(name: str, secret: str) -> str:
    return "Basic " + base64.b64encode(f"{name}:{secret}".encode()).decode()


def test_a_key_works_as_bearer_and_as_basic(client: FlaskClient, app: Flask, api_key: Any):
    for value in (f"Bearer {api_key.key}", basic(api_key.id, api_key.secret)):
        assert with_header(client, value)("GET", "/webhooks").status_code == 200


NO_KEYS = [
    None,
    "",
    "Bearer",
    "Bearer x",
    "Bearer cb_00000000000000000000000000000000_x",
    "Bearer é",
    "Bearer \x00",
    "Basic",
    "Basic ???",
    basic("", ""),
    basic(UNKNOWN, "x"),
    basic("\u0000", "\u0000"),
    "Digest x",
    "Bearer " + 5000 * "x",
]


def test_invalid_credentials_are_a_401_that_says_what_to_send(client: FlaskClient, app: Flask):
    for value in NO_KEYS:
        response = with_header(client, value)("GET", "/webhooks")
        assert response.status_code == 401, value
        assert response.json["code"] == "unauthorized"
        assert "Bearer" in response.json["detail"]
        assert response.headers.getlist("WWW-Authenticate")[0].startswith("Bearer")
        assert "X-RateLimit-Limit" not in response.headers


def test_a_valid_id_with_a_wrong_secret_is_rejected(client: FlaskClient, app: Flask, api_key: Any):
    assert with_header(client, basic(api_key.id, "x"))("GET", "/webhooks").status_code == 401


def test_a_revoked_key_is_rejected_from_the_next_request_on(
    api: Caller, app: Flask, api_key: Any, organization: Any
):
    assert api("GET", "/webhooks").status_code == 200
    api_keys.revoke(organization.id, api_key.id, SYSTEM)
    assert api("GET", "/webhooks").status_code == 401


def test_a_key_is_cached_for_at_most_a_second():
    assert KEY_SECONDS <= 1


CALLS = [
    ("events:write", "POST", "/events"),
    ("events:write", "POST", "/events/batch"),
    ("deliveries:read", "GET", "/events"),
    ("deliveries:read", "GET", f"/events/{UNKNOWN}"),
    ("webhooks:manage", "GET", "/webhooks"),
    ("webhooks:manage", "POST", "/webhooks"),
    ("webhooks:manage", "GET", f"/webhooks/{UNKNOWN}"),
    ("webhooks:manage", "PATCH", f"/webhooks/{UNKNOWN}"),
    ("webhooks:manage", "PUT", f"/webhooks/{UNKNOWN}"),
    ("webhooks:manage", "DELETE", f"/webhooks/{UNKNOWN}"),
    ("webhooks:manage", "POST", f"/webhooks/{UNKNOWN}/check"),
    ("webhooks:manage", "POST", f"/webhooks/{UNKNOWN}/rotate-secret"),
    ("webhooks:manage", "GET", f"/webhooks/{UNKNOWN}/secret"),
    ("deliveries:read", "GET", "/deliveries"),
    ("deliveries:read", "GET", f"/deliveries/{UNKNOWN}"),
    ("deliveries:resend", "POST", f"/deliveries/{UNKNOWN}/resend"),
    ("deliveries:resend", "POST", f"/deliveries/{UNKNOWN}/cancel"),
    ("deliveries:resend", "POST", "/deliveries/resend"),
]


def test_a_key_without_the_scope_is_rejected_with_the_scopes_name(
    client: FlaskClient, app: Flask, organization: Any
):
    for scope in SCOPES:
        others = [each for each in SCOPES if each != scope]
        key = api_keys.create(organization.id, "narrow", others, actor=SYSTEM)
        for required, method, path in CALLS:
            response = with_header(client, f"Bearer {key.key}")(method, path)
            assert (response.status_code == 403) == (required == scope), (scope, method, path)
            assert response.status_code != 403 or scope in response.json["detail"]


def test_a_platform_key_must_name_the_organization(platform: Caller, app: Flask):
    response = platform("GET", "/webhooks")
    assert response.status_code == 400
    assert response.json["code"] == "organization_missing"
    assert "Callboard-Organization" in response.json["detail"]


def test_a_platform_key_acts_for_the_organization_in_its_header(
    platform: Caller, app: Flask, organization: Any
):
    headers = {"Callboard-Organization": organization.id.upper()}
    assert platform("GET", "/webhooks", headers=headers).status_code == 200


@pytest.mark.parametrize("named", [UNKNOWN, "x", "*", " ", "\x7f"])
def test_an_unknown_organization_is_a_404(platform: Caller, app: Flask, named: str):
    response = platform("GET", "/webhooks", headers={"Callboard-Organization": named})
    assert response.status_code == 404


def test_an_organization_key_may_name_its_own_organization(
    api: Caller, app: Flask, organization: Any
):
    headers = {"Callboard-Organization": organization.id}
    assert api("GET", "/webhooks", headers=headers).status_code == 200


def test_an_organization_key_may_name_no_other_organization(api: Caller, app: Flask):
    responses = [
        api("GET", "/webhooks", headers={"Callboard-Organization": name}) for name in (UNKNOWN, "x")
    ]
    assert [response.status_code for response in responses] == [403, 403]


def test_the_platform_key_from_the_environment_works(client: FlaskClient, app: Flask):
    from dataclasses import replace

    settings = runtime_of(app).settings
    runtime_of(app).settings = replace(settings, platform_api_key="k" * 16)
    created = with_header(client, "Bearer " + "k" * 16).post("/organizations", {"name": "A"})
    assert created["name"] == "A"
