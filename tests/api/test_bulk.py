"""Many deliveries at once, chosen by the filters of the list."""

from typing import Any

import pytest

from tests.api.conftest import Caller
from tests.api.test_deliveries import EVENT, finished


@pytest.fixture
def failed(api: Caller) -> list[str]:
    """The ids of three failed deliveries and a succeeded one."""
    api.post("/webhooks", {"url": "https://example.com/hook"})
    ids = [api.post("/events", EVENT)["deliveries"][0]["id"] for _ in range(4)]
    for delivery_id in ids[:3]:
        finished(delivery_id, "failed", last_status=503, last_cause="status")
    finished(ids[3], "succeeded", last_status=200, last_cause="ok")
    return ids


def test_a_dry_run_only_counts(api: Caller, failed: list[str]):
    response = api("POST", "/deliveries/resend", {"state": "failed", "dry_run": True})
    assert (response.status_code, response.json) == (200, {"count": 3, "dry_run": True})
    assert len(api("GET", "/deliveries?state=failed").json["data"]) == 3


def test_deliveries_that_match_filters_are_resent(api: Caller, failed: list[str]):
    response = api("POST", "/deliveries/resend", {"state": ["failed"], "status_code": 503})
    assert (response.status_code, response.json) == (202, {"count": 3, "dry_run": False})
    assert api("GET", "/deliveries?state=failed").json["data"] == []


def test_succeeded_deliveries_are_resent_only_if_the_state_is_named(api: Caller, failed: list[str]):
    filters = {"event_type": "encoding.finished", "dry_run": True}
    assert api.post("/deliveries/resend", filters)["count"] == 3
    assert api.post("/deliveries/resend", filters | {"state": "succeeded"})["count"] == 1


def test_open_deliveries_that_match_filters_are_cancelled(api: Caller, failed: list[str]):
    waiting = [api.post("/events", EVENT)["deliveries"][0]["id"] for _ in range(2)]
    filters = {"event_type": "encoding.finished"}
    assert api.post("/deliveries/cancel", filters | {"dry_run": True})["count"] == 2
    response = api("POST", "/deliveries/cancel", filters)
    assert (response.status_code, response.json) == (202, {"count": 2, "dry_run": False})
    cancelled = api("GET", "/deliveries?state=cancelled").json["data"]
    assert [row["id"] for row in cancelled] == waiting[::-1]


def test_a_final_state_is_not_a_filter_for_cancelling(api: Caller):
    response = api("POST", "/deliveries/cancel", {"state": "failed"})
    assert response.status_code == 422
    assert response.json["errors"][0]["field"] == "state"


@pytest.mark.parametrize("verb", ["resend", "cancel"])
@pytest.mark.parametrize("document", [{}, {"dry_run": True}, {"state": None}])
def test_a_bulk_action_requires_a_filter(api: Caller, verb: str, document: Any):
    response = api("POST", f"/deliveries/{verb}", document)
    assert response.status_code == 422
    assert "Send at least one of" in response.json["errors"][0]["remedy"]


def test_another_organizations_deliveries_are_not_counted(stranger: Caller, failed: list[str]):
    filters = {"event_type": "encoding.finished", "dry_run": True}
    assert stranger.post("/deliveries/resend", filters)["count"] == 0
    assert stranger.post("/deliveries/cancel", filters)["count"] == 0
    assert stranger("GET", "/deliveries").json["data"] == []


def test_the_next_cursor_continues_the_list(api: Caller, failed: list[str]):
    first = api("GET", "/deliveries?limit=3").json
    second = api("GET", f"/deliveries?limit=3&cursor={first['next_cursor']}").json
    assert [row["id"] for row in first["data"] + second["data"]] == failed[::-1]
    assert second["next_cursor"] is None
