"""Issues over the API."""

from typing import Any

import pytest
from flask import Flask

from app.domain.common.clock import iso, now_ms
from app.domain.common.ids import new_id
from tests.api.conftest import Caller, problem
from tests.services.people import person
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
    body |= {"lasts": "forever", "until": "soon", "owner_id": new_id()}
    document = problem(api("POST", "/issues/acknowledge", body), 422, "invalid")
    assert {error["field"] for error in document["errors"]} == set(body)
    unknown = {"webhook_id": new_id(), "cause": "status"}
    problem(api("POST", "/issues/acknowledge", unknown), 404, "not_found")


def test_an_acknowledgement_has_an_owner_and_lasts_until_a_time(
    api: Caller, organization: Any, hook: str
) -> None:
    ada = person("ada@example.com", organization.id)
    until = iso(now_ms() + 3_600_000)
    body = {"webhook_id": hook, "cause": "status", "status_code": 503}
    body |= {"lasts": "time", "until": until, "owner_id": ada.id}
    assert api("POST", "/issues/acknowledge", body).status_code == 204
    acknowledged = issue(api)["acknowledged"]
    assert (acknowledged["lasts"], acknowledged["until"]) == ("time", until)
    assert acknowledged["owner"] == "ada@example.com"
    again = {name: body[name] for name in ("webhook_id", "cause", "status_code")}
    assert api("POST", "/issues/acknowledge", again | {"lasts": "resolved"}).status_code == 204
    acknowledged = issue(api)["acknowledged"]
    assert (acknowledged["lasts"], acknowledged["until"]) == ("resolved", None)
    assert acknowledged["owner"] is None


@pytest.mark.parametrize(
    "fields",
    [
        {"lasts": "time"},
        {"lasts": "resolved", "until": "2030-01-01T00:00:00Z"},
        {"lasts": "time", "until": "2020-01-01T00:00:00Z"},
        {"lasts": "time", "until": "2199-01-01T00:00:00Z"},
        {"lasts": "time", "until": 7},
    ],
)
def test_a_time_is_given_if_and_only_if_it_lasts_until_one(
    api: Caller, hook: str, fields: dict[str, Any]
) -> None:
    body = {"webhook_id": hook, "cause": "status", "status_code": 503} | fields
    document = problem(api("POST", "/issues/acknowledge", body), 422, "invalid")
    assert {error["field"] for error in document["errors"]} == {"until"}
