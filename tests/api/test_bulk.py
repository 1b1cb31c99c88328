"""Many deliveries at once, chosen by the filters of the list."""

from typing import Any

import pytest

from tests.api.conftest import Caller
from tests.api.test_deliveries import EVENT, finished


@pytest.fixture
def failed(api: Caller) -> list[str]:
    """Three failed deliveries and one that succeeded, by their ids."""
    api.made("/webhooks", {"url": "https://example.com/hook"})
    ids = [api.made("/events", EVENT)["deliveries"][0]["id"] for _ in range(4)]
    for delivery_id in ids[:3]:
        finished(delivery_id, "failed", last_status=503, last_cause="status")
    finished(ids[3], "succeeded", last_status=200, last_cause="ok")
    return ids


def test_a_dry_run_only_counts(api: Caller, failed: list[str]):
    answer = api("POST", "/deliveries/resend", {"state": "failed", "dry_run": True})
    assert (answer.status_code, answer.json) == (200, {"count": 3, "dry_run": True})
    assert len(api("GET", "/deliveries?state=failed").json["data"]) == 3


def test_a_filtered_set_is_sent_again(api: Caller, failed: list[str]):
    answer = api("POST", "/deliveries/resend", {"state": ["failed"], "status_code": 503})
    assert (answer.status_code, answer.json) == (202, {"count": 3, "dry_run": False})
    assert api("GET", "/deliveries?state=failed").json["data"] == []


def test_what_succeeded_is_sent_again_only_by_name(api: Caller, failed: list[str]):
    wanted = {"event_type": "encoding.finished", "dry_run": True}
    assert api.made("/deliveries/resend", wanted)["count"] == 3
    assert api.made("/deliveries/resend", wanted | {"state": "succeeded"})["count"] == 1


def test_of_a_filtered_set_what_is_open_is_cancelled(api: Caller, failed: list[str]):
    waiting = [api.made("/events", EVENT)["deliveries"][0]["id"] for _ in range(2)]
    wanted = {"event_type": "encoding.finished"}
    assert api.made("/deliveries/cancel", wanted | {"dry_run": True})["count"] == 2
    answer = api("POST", "/deliveries/cancel", wanted)
    assert (answer.status_code, answer.json) == (202, {"count": 2, "dry_run": False})
    cancelled = api("GET", "/deliveries?state=cancelled").json["data"]
    assert [row["id"] for row in cancelled] == waiting[::-1]


def test_what_has_ended_cannot_be_cancelled_by_name(api: Caller):
    answer = api("POST", "/deliveries/cancel", {"state": "failed"})
    assert answer.status_code == 422
    assert answer.json["errors"][0]["field"] == "state"


@pytest.mark.parametrize("verb", ["resend", "cancel"])
@pytest.mark.parametrize("document", [{}, {"dry_run": True}, {"state": None}])
def test_nothing_is_done_to_everything_by_accident(api: Caller, verb: str, document: Any):
    answer = api("POST", f"/deliveries/{verb}", document)
    assert answer.status_code == 422
    assert "Send at least one of" in answer.json["errors"][0]["remedy"]


def test_another_organizations_deliveries_are_not_counted(stranger: Caller, failed: list[str]):
    wanted = {"event_type": "encoding.finished", "dry_run": True}
    assert stranger.made("/deliveries/resend", wanted)["count"] == 0
    assert stranger.made("/deliveries/cancel", wanted)["count"] == 0
    assert stranger("GET", "/deliveries").json["data"] == []


def test_the_list_goes_on_by_cursor(api: Caller, failed: list[str]):
    first = api("GET", "/deliveries?limit=3").json
    second = api("GET", f"/deliveries?limit=3&cursor={first['next_cursor']}").json
    assert [row["id"] for row in first["data"] + second["data"]] == failed[::-1]
    assert second["next_cursor"] is None
