from typing import Any

import pytest
from flask.testing import FlaskClient

from app.models import Invitation
from app.models.common.base import db
from tests.api.conftest import Caller, problem
from tests.services.people import person

pytestmark = pytest.mark.usefixtures("sqlite_app")


def path(organization: Any, *more: str) -> str:
    return "/".join([f"/organizations/{organization.id}/invitations", *more])


def test_the_link_of_an_invitation_opens(platform: Caller, organization: Any, client: FlaskClient):
    invited = platform.post(path(organization), {"email": "Ada@example.com", "role": "member"})
    assert (invited["email"], invited["role"]) == ("ada@example.com", "member")
    assert invited["email_state"] is None
    page = client.get(invited["url"])
    assert page.status_code == 200
    assert organization.name in page.text


def test_a_list_never_shows_the_link(platform: Caller, organization: Any):
    invited = platform.post(path(organization), {"email": "ada@example.com", "role": "viewer"})
    listed = platform("GET", path(organization)).json["data"]
    assert [each["id"] for each in listed] == [invited["id"]]
    assert "url" not in listed[0]


def test_inviting_again_replaces_the_earlier_link(
    platform: Caller, organization: Any, client: FlaskClient
):
    first, second = (
        platform.post(path(organization), {"email": "ada@example.com", "role": role})
        for role in ("viewer", "owner")
    )
    assert client.get(first["url"]).status_code == 410
    assert client.get(second["url"]).status_code == 200
    assert db.session.query(Invitation).count() == 1


def test_a_repeated_request_with_the_same_key_invites_once(platform: Caller, organization: Any):
    document, headers = {"email": "a@example.com", "role": "member"}, {"Idempotency-Key": "one"}
    first, second = (
        platform("POST", path(organization), document, headers=headers) for _ in range(2)
    )
    assert first.json == second.json
    assert second.headers["Idempotent-Replayed"] == "true"


def test_an_invitation_is_sent_again_and_revoked(
    platform: Caller, organization: Any, client: FlaskClient
):
    invited = platform.post(path(organization), {"email": "ada@example.com", "role": "member"})
    again = platform("POST", path(organization, invited["id"], "resend")).json
    assert again["id"] == invited["id"]
    assert again["expires_at"] >= invited["expires_at"]
    assert platform("DELETE", path(organization, invited["id"])).status_code == 204
    assert client.get(again["url"]).status_code == 410
    problem(platform("DELETE", path(organization, invited["id"])), 404, "not_found")


def test_all_errors_are_reported_at_once(platform: Caller, organization: Any):
    response = platform("POST", path(organization), {"email": "x", "role": "king", "y": 1})
    errors = problem(response, 422, "invalid")["errors"]
    assert {error["field"] for error in errors} == {"email", "role", "y"}


def test_a_member_is_not_invited(platform: Caller, organization: Any):
    person("ada@example.com", organization.id, "viewer")
    response = platform("POST", path(organization), {"email": "ada@example.com", "role": "owner"})
    assert problem(response, 422, "invalid")["errors"][0]["code"] == "member"


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_key_of_the_organization_invites_nobody(api: Caller, organization: Any, method: str):
    problem(api(method, path(organization)), 403, "forbidden")


def test_an_unknown_organization_is_a_404(platform: Caller):
    other = "/organizations/0198c7a2-7c1e-7000-8000-2f6b1f9d3c11/invitations"
    problem(platform("GET", other), 404, "not_found")
    document = {"email": "ada@example.com", "role": "member"}
    problem(platform("POST", other, document), 404, "not_found")
