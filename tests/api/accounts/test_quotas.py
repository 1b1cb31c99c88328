"""Quotas: reading and changing them, and what is refused beyond them."""

from typing import Any

import pytest

from app.models import AuditEntry, Event
from app.models.common.base import db
from app.services.accounts import quotas
from app.services.accounts.actor import SYSTEM
from tests.api.conftest import Caller, problem

URL = "https://receiver.example.com/hook"
EVENT = {"type": "encoding.finished", "payload": {}}


def path(organization: Any) -> str:
    return f"/organizations/{organization.id}/quotas"


def choose(organization: Any, **document: int | None) -> None:
    quotas.choose(organization.id, document, SYSTEM)


def test_the_quotas_are_shown_with_what_is_used(api: Caller, organization: Any) -> None:
    api.post("/webhooks", {"url": URL})
    document = api("GET", path(organization)).json
    assert document["webhooks"] == {"limit": 10_000, "is_default": True, "used": 1}
    assert document["deliveries_per_event"]["limit"] == 1_000
    assert document["requests_per_host"] == {
        "limit": 100, "is_default": True, "used": 0, "busiest_host": None,
    }  # fmt: skip


def test_a_platform_key_changes_them_and_the_audit_log_says_so(
    platform: Caller, organization: Any
) -> None:
    changed = platform("PATCH", path(organization), {"webhooks": 5}).json
    assert changed["webhooks"] == {"limit": 5, "is_default": False, "used": 0}
    entry = db.session.query(AuditEntry).filter_by(action="organization.update").one()
    assert entry.before == {"webhooks": None}
    assert entry.after == {"webhooks": 5}
    reset = platform("PATCH", path(organization), {"webhooks": None}).json
    assert reset["webhooks"]["is_default"] is True


def test_a_key_of_the_organization_cannot_change_them(api: Caller, organization: Any) -> None:
    problem(api("PATCH", path(organization), {"webhooks": 5}), 403, "forbidden")


def test_another_organizations_key_sees_nothing(stranger: Caller, organization: Any) -> None:
    problem(stranger("GET", path(organization)), 404, "not_found")


@pytest.mark.parametrize("value", [0, -1, 1_000_001, True, 1.5, "5"])
def test_a_quota_is_a_positive_number(platform: Caller, organization: Any, value: object) -> None:
    document = problem(platform("PATCH", path(organization), {"webhooks": value}), 422, "invalid")
    assert document["errors"][0]["field"] == "webhooks"


def test_an_unknown_quota_is_an_error(platform: Caller, organization: Any) -> None:
    document = problem(platform("PATCH", path(organization), {"hosts": 5}), 422, "invalid")
    assert "webhooks, deliveries_per_event, requests_per_host" in document["errors"][0]["remedy"]


def test_a_webhook_beyond_the_quota_is_refused(api: Caller, organization: Any) -> None:
    choose(organization, webhooks=1)
    first = api.post("/webhooks", {"url": URL})
    refused = problem(api("POST", "/webhooks", {"url": URL}), 409, "quota_exceeded")
    assert "its quota is 1" in refused["detail"]
    api("DELETE", f"/webhooks/{first['id']}")
    api.post("/webhooks", {"url": URL})


def test_one_time_webhooks_count_until_their_event_arrives(api: Caller, organization: Any) -> None:
    choose(organization, webhooks=2)
    api.post("/webhooks", {"url": URL, "once": True, "sources": ["a"]})
    api.post("/webhooks", {"url": URL, "once": True})
    problem(api("POST", "/webhooks", {"url": URL, "once": True}), 409, "quota_exceeded")
    api.post("/events", EVENT | {"source": "a"})
    api.post("/webhooks", {"url": URL, "once": True})


def test_an_event_that_would_create_too_many_deliveries_is_not_accepted(
    api: Caller, organization: Any
) -> None:
    choose(organization, deliveries_per_event=2)
    for source in ("a", "b", "c"):
        api.post("/webhooks", {"url": URL, "sources": [source, "all"]})
    document = EVENT | {"source": "all", "id": "order-1"}
    refused = problem(api("POST", "/events", document), 409, "quota_exceeded")
    assert "3 deliveries" in refused["detail"]
    assert db.session.query(Event).count() == 0
    # Its id was not used up.
    choose(organization, deliveries_per_event=3)
    assert len(api.post("/events", document)["deliveries"]) == 3


def test_a_repeated_event_gets_its_first_response_after_the_quota_was_lowered(
    api: Caller, organization: Any
) -> None:
    for _ in range(2):
        api.post("/webhooks", {"url": URL})
    first = api.post("/events", EVENT | {"id": "order-1"})
    choose(organization, deliveries_per_event=1)
    repeated = api("POST", "/events", EVENT | {"id": "order-1"})
    assert repeated.json["id"] == first["id"]
    problem(api("POST", "/events", EVENT), 409, "quota_exceeded")


def test_a_callback_counts_and_filters_are_applied(api: Caller, organization: Any) -> None:
    choose(organization, deliveries_per_event=2)
    for wanted in ("1", "2", "3"):
        api.post("/webhooks", {"url": URL, "filter": f"payload.n == `{wanted}`"})
    event = EVENT | {"payload": {"n": 1}, "callback": URL}
    assert len(api.post("/events", event)["deliveries"]) == 2
    api.post("/webhooks", {"url": URL, "filter": "payload.n == `1`"})
    problem(api("POST", "/events", event), 409, "quota_exceeded")


def test_a_batch_names_the_event_beyond_the_quota(api: Caller, organization: Any) -> None:
    choose(organization, deliveries_per_event=1)
    for source in ("a", "b"):
        api.post("/webhooks", {"url": URL, "sources": [source, "all"]})
    batch = {"events": [EVENT | {"source": "a"}, EVENT | {"source": "all"}]}
    refused = problem(api("POST", "/events/batch", batch), 409, "quota_exceeded")
    assert refused["detail"].startswith("events[1]: ")
    assert db.session.query(Event).count() == 0
