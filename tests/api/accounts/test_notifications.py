from typing import Any

import pytest

from tests.api.conftest import Caller, problem
from tests.services.people import person

pytestmark = pytest.mark.usefixtures("sqlite_app")


@pytest.fixture
def path(organization: Any) -> str:
    ada = person("ada@example.com", organization.id, "owner")
    return f"/organizations/{organization.id}/members/{ada.id}/notifications"


def test_the_role_decides_until_a_choice_is_made(platform: Caller, path: str):
    before = platform("GET", path).json
    assert before == {
        "kinds": ["webhook.disabled", "webhook.failing", "webhook.recovered"],
        "is_default": True,
    }
    chosen = platform("PATCH", path, {"kinds": ["delivery.failed", "webhook.disabled"]}).json
    assert chosen == {"kinds": ["webhook.disabled", "delivery.failed"], "is_default": False}
    assert platform("GET", path).json == chosen
    assert platform("PATCH", path, {"kinds": []}).json["kinds"] == []


@pytest.mark.parametrize(
    ("document", "fields"),
    [
        ({}, {"kinds"}),
        ({"kinds": "webhook.disabled"}, {"kinds"}),
        ({"kinds": ["webhook.disabled", "x", 1]}, {"kinds[1]", "kinds[2]"}),
        ({"kinds": [], "email": "x"}, {"email"}),
    ],
)
def test_a_wrong_choice_is_refused(platform: Caller, path: str, document: Any, fields: set[str]):
    errors = problem(platform("PATCH", path, document), 422, "invalid")["errors"]
    assert {error["field"] for error in errors} == fields


def test_a_test_email_needs_a_mail_server(platform: Caller, path: str):
    problem(platform("POST", f"{path}/test"), 409, "conflict")


def test_a_user_who_is_not_a_member_has_none(platform: Caller, organization: Any):
    ada = person("ada@example.com")
    path = f"/organizations/{organization.id}/members/{ada.id}/notifications"
    problem(platform("GET", path), 404, "not_found")
    problem(platform("PATCH", path, {"kinds": []}), 404, "not_found")
