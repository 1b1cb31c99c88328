"""Issues over the API."""

from typing import Any

import pytest
from flask import Flask

from app.domain.common.ids import new_id
from tests.api.conftest import Caller, problem
from tests.services.publishing import webhook
from tests.web.records import delivery


@pytest.fixture
def hook(sqlite_app: Flask, organization: Any) -> str:
    id_ = webhook(organization.id, name="Partner")
    for _ in range(2):
        delivery(organization.id, id_, "failed", [(503, "status")])
    return id_


def issue(api: Caller) -> Any:
    document = api("GET", "/issues").json
    assert document["is_complete"] is True
    [only] = document["data"]
    return only


def test_an_issue_has_its_reason_and_numbers(api: Caller, hook: str) -> None:
    open_issue = issue(api)
    assert (open_issue["webhook_id"], open_issue["webhook_name"]) == (hook, "Partner")
    assert (open_issue["cause"], open_issue["status_code"]) == ("status", 503)
    assert (open_issue["deliveries"], open_issue["unacknowledged"], open_issue["acknowledged"]) == (
        2,
        2,
        None,
    )
    assert "503" in open_issue["explanation"]
    listed = api("GET", f"/deliveries/{open_issue['newest_delivery_id']}").json
    assert listed["state"] == "failed"


def test_an_issue_is_acknowledged_and_reopened(api: Caller, hook: str) -> None:
    key = {"webhook_id": hook, "cause": "status", "status_code": 503}
    response = api("POST", "/issues/acknowledge", key | {"note": "ticket 7"})
    assert (response.status_code, response.data) == (204, b"")
    acknowledged = issue(api)
    assert acknowledged["unacknowledged"] == 0
    assert acknowledged["acknowledged"]["note"] == "ticket 7"
    assert api("POST", "/issues/reopen", key).status_code == 204
    assert issue(api)["acknowledged"] is None
    problem(api("POST", "/issues/reopen", key), 404, "not_found")


def test_every_invalid_field_is_reported(api: Caller, hook: str) -> None:
    body = {"webhook_id": "x", "cause": "mood", "status_code": 99, "note": "n" * 501, "x": 1}
    document = problem(api("POST", "/issues/acknowledge", body), 422, "invalid")
    assert {error["field"] for error in document["errors"]} == set(body)
    unknown = {"webhook_id": new_id(), "cause": "status"}
    problem(api("POST", "/issues/acknowledge", unknown), 404, "not_found")
