from typing import Any

import pytest

from app.api import recovery
from app.queries.deliveries import missed
from tests.api.conftest import Caller, problem
from tests.services.publishing import webhook
from tests.web.records import delivery, event

EVER = {"since": "2020-01-01T00:00:00Z"}
NEVER = {"since": "2999-01-01T00:00:00Z"}
UNKNOWN = "0192f4c1-0000-7000-8000-000000000000"
COUNTED = {"count": 2, "dry_run": True, "next_since": None}
SENT = {"count": 2, "dry_run": False, "next_since": None}


@pytest.fixture
def path(organization: Any) -> str:
    return f"/webhooks/{webhook(organization.id)}"


def test_failed_deliveries_are_counted_and_then_resent(api: Caller, organization: Any, path: str):
    id_ = path.rpartition("/")[2]
    for state in ("failed", "failed", "cancelled", "succeeded"):
        delivery(organization.id, id_, state)
    delivery(organization.id, webhook(organization.id), "failed")
    assert api.post(f"{path}/recover", EVER | {"dry_run": True}) == COUNTED
    assert api.post(f"{path}/recover", NEVER)["count"] == 0
    assert api.post(f"{path}/recover", EVER) == SENT
    assert len(api("GET", f"/deliveries?state=pending&webhook_id={id_}").json["data"]) == 2


def test_missed_events_are_counted_and_then_sent(api: Caller, organization: Any, path: str):
    event(organization.id)
    delivery(organization.id, path.rpartition("/")[2], "skipped", ())
    assert api.post(f"{path}/send-missed", EVER | {"dry_run": True}) == COUNTED
    assert api.post(f"{path}/send-missed", NEVER)["count"] == 0
    assert api.post(f"{path}/send-missed", EVER) == SENT
    assert api.post(f"{path}/send-missed", EVER)["count"] == 0
    assert len(api("GET", "/deliveries?state=pending").json["data"]) == 2


def test_the_next_request_continues_where_time_ran_out(
    api: Caller, organization: Any, path: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(recovery, "SECONDS", 0)
    monkeypatch.setattr(missed, "EXAMINED", 2)
    for _ in range(3):
        event(organization.id)
    response = api.post(f"{path}/send-missed", EVER)
    assert response["count"] == 2
    assert api.post(f"{path}/send-missed", {"since": response["next_since"]})["count"] == 1


@pytest.mark.parametrize("verb", ["recover", "send-missed"])
@pytest.mark.parametrize(
    "document", [{}, {"since": "soon"}, {"since": None}, EVER | {"until": "x"}]
)
def test_a_request_without_a_valid_time_is_rejected(
    api: Caller, path: str, verb: str, document: Any
):
    problem(api("POST", f"{path}/{verb}", document), 422, "invalid")


@pytest.mark.parametrize("verb", ["recover", "send-missed"])
@pytest.mark.parametrize("dry_run", [True, False])
def test_another_organizations_webhook_is_not_found(
    stranger: Caller, path: str, verb: str, dry_run: bool
):
    for where in (path, f"/webhooks/{UNKNOWN}"):
        problem(stranger("POST", f"{where}/{verb}", EVER | {"dry_run": dry_run}), 404, "not_found")


def test_a_one_time_webhook_has_no_missed_events(api: Caller, organization: Any):
    once = webhook(organization.id, once=True)
    problem(api("POST", f"/webhooks/{once}/send-missed", EVER), 409, "conflict")
