from typing import Any

import pytest

from app.models import AuditEntry
from app.models.common.base import db
from tests.api.conftest import Caller, problem
from tests.services.people import person

pytestmark = pytest.mark.usefixtures("sqlite_app")


def path(organization: Any, *more: str) -> str:
    return "/".join([f"/organizations/{organization.id}/members", *more])


def test_members_are_listed_in_the_order_in_which_they_joined(platform: Caller, organization: Any):
    ada = person("ada@example.com", organization.id, "owner")
    ben = person("ben@example.com", organization.id, "viewer")
    page = platform("GET", path(organization)).json
    assert [member["id"] for member in page["data"]] == [ada.id, ben.id]
    assert page["next_cursor"] is None
    first = platform("GET", path(organization, ada.id)).json
    assert first == page["data"][0]
    assert first | {"joined_at": "t"} == {
        "id": ada.id,
        "email": "ada@example.com",
        "name": "Ada",
        "role": "owner",
        "has_two_factor": False,
        "signed_in_at": None,
        "joined_at": "t",
    }


def test_a_role_is_changed_and_audited(platform: Caller, organization: Any):
    person("ada@example.com", organization.id, "owner")
    ben = person("ben@example.com", organization.id, "viewer")
    changed = platform("PATCH", path(organization, ben.id), {"role": "member"})
    assert changed.json["role"] == "member"
    entry = db.session.query(AuditEntry).filter_by(action="member.update").one()
    assert (entry.organization_id, entry.actor_kind) == (organization.id, "api_key")


def test_an_unknown_role_is_refused(platform: Caller, organization: Any):
    ada = person("ada@example.com", organization.id, "owner")
    response = platform("PATCH", path(organization, ada.id), {"role": "king", "name": "x"})
    errors = problem(response, 422, "invalid")["errors"]
    assert {error["field"] for error in errors} == {"role", "name"}


def test_the_last_owner_stays(platform: Caller, organization: Any):
    ada = person("ada@example.com", organization.id, "owner")
    demoted = platform("PATCH", path(organization, ada.id), {"role": "viewer"})
    problem(demoted, 409, "conflict")
    problem(platform("DELETE", path(organization, ada.id)), 409, "conflict")
    assert platform("GET", path(organization, ada.id)).json["role"] == "owner"


def test_a_removed_member_is_gone(platform: Caller, organization: Any):
    person("ada@example.com", organization.id, "owner")
    ben = person("ben@example.com", organization.id, "member")
    assert platform("DELETE", path(organization, ben.id)).status_code == 204
    problem(platform("GET", path(organization, ben.id)), 404, "not_found")
    problem(platform("DELETE", path(organization, ben.id)), 404, "not_found")


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_a_key_of_the_organization_manages_no_members(api: Caller, organization: Any, method: str):
    ada = person("ada@example.com", organization.id, "owner")
    problem(api(method, path(organization, ada.id)), 403, "forbidden")


def test_an_unknown_organization_is_a_404(platform: Caller):
    other = "0198c7a2-7c1e-7000-8000-2f6b1f9d3c11"
    problem(platform("GET", f"/organizations/{other}/members"), 404, "not_found")
