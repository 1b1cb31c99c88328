from typing import Any

import pytest

from app.domain.common.clock import now_ms
from app.models import Attempt, Delivery, Due
from app.models.common.base import db
from app.store.transaction import write_transaction
from tests.api.conftest import Caller

UNKNOWN = "0198c7a2-7c1e-7000-8000-2f6b1f9d3c11"
EVENT = {"type": "encoding.finished", "source": "cam-1", "payload": {"media_id": "m"}}


@pytest.fixture
def delivery(api: Caller) -> Any:
    """A pending delivery, from the response to its event."""
    api.post("/webhooks", {"url": "https://example.com/hook", "name": "Main", "preset": "asset"})
    return api.post("/events", EVENT)["deliveries"][0]


def attempted(delivery_id: str, **changed: Any) -> None:
    """Record an attempt as a worker would."""
    row = db.session.get(Delivery, delivery_id)
    head = b"POST /hook HTTP/1.1\r\nHost: example.com\r\nContent-Length: 16\r\n\r\n"
    values: dict[str, Any] = {
        "organization_id": row.organization_id,
        "webhook_id": row.webhook_id,
        "delivery_id": row.id,
        "number": 1,
        "started_at": now_ms(),
        "cause": "status",
        "status": 503,
        "url": "https://example.com/hook",
        "request_head": head,
        "response_head": b"HTTP/1.1 503 Busy\r\nServer: x\r\n\r\n",
        "response_body": b"\xff\xfe",
        "connect_us": 1234,
        "total_us": 5000,
    }
    with write_transaction() as session:
        session.add(Attempt(**values | changed))


def finished(delivery_id: str, state: str, **changed: Any) -> None:
    """Give a delivery the state in which a worker would have left it."""
    with write_transaction() as session:
        row = session.get(Delivery, delivery_id)
        for name, value in {"state": state, **changed}.items():
            setattr(row, name, value)
        session.query(Due).filter_by(delivery_id=delivery_id).delete()


def test_the_list_shows_webhook_event_and_next_attempt(api: Caller, delivery: Any):
    (row,) = api("GET", "/deliveries").json["data"]
    assert (row["id"], row["state"]) == (delivery["id"], "pending")
    assert (row["webhook_name"], row["url"]) == ("Main", "https://example.com/hook")
    assert (row["event_type"], row["source"]) == ("encoding.finished", "cam-1")
    assert row["next_attempt_at"] is not None


FILTERED = [
    ("state=pending", 1),
    ("state=failed,pending", 1),
    ("state=failed", 0),
    ("event_type=encoding.finished", 1),
    ("event_type=other", 0),
    ("source=cam-1", 1),
    ("source=cam-2", 0),
    ("status_code=503", 0),
    ("status_code=5xx", 0),
    ("cause=refused", 0),
    (f"webhook_id={UNKNOWN}", 0),
    (f"event_id={UNKNOWN}", 0),
    ("since=2020-01-01T00:00:00Z", 1),
    ("until=2020-01-01T00:00:00Z", 0),
    ("q=media_id", 1),
    ("q=nowhere", 0),
]


def test_deliveries_are_filtered(api: Caller, delivery: Any) -> None:
    for query, count in FILTERED:
        assert len(api("GET", f"/deliveries?{query}").json["data"]) == count, query


REFUSED = [
    "limit=0",
    "limit=201",
    "limit=x",
    "state=sent",
    "status_code=600",
    "status_code=٥xx",
    "status_code=5XX",
    "status_code=50",
    "cause=none",
    "cursor=x",
    "cursor=MTox",
    "offset=1",
]


def test_an_invalid_filter_is_rejected(api: Caller) -> None:
    for query in REFUSED:
        response = api("GET", f"/deliveries?{query}")
        assert response.status_code == 422, query
        assert response.json["errors"][0]["field"] == query.partition("=")[0]


def test_a_delivery_is_shown_with_all_its_attempts(api: Caller, delivery: Any):
    attempted(delivery["id"])
    attempted(
        delivery["id"],
        number=2,
        cause="refused",
        status=None,
        response_head=None,
        response_body=None,
        connect_us=None,
    )
    first, second = api("GET", f"/deliveries/{delivery['id']}").json["attempts"]
    assert first["request"]["request_line"] == "POST /hook HTTP/1.1"
    assert first["request"]["headers"][0] == {"name": "Host", "value": "example.com"}
    assert first["response"]["status_line"] == "HTTP/1.1 503 Busy"
    assert first["response"]["body"] == {"text": "//4=", "encoding": "base64", "bytes": 2}
    assert first["timings"]["connect_ms"] == 1.234
    assert (second["status"], second["cause"], second["response"]) == (None, "refused", None)
    assert second["explanation"] == "Connection refused."


def test_the_body_that_was_sent_is_shown(api: Caller):
    api.post("/webhooks", {"url": "https://example.com/hook", "preset": "asset"})
    body = b'{"type": "a", "payload": {"n": 1.10}}'
    response = api("POST", "/events", data=body, content_type="application/json")
    (created,) = response.json["deliveries"]
    head = b"POST /hook HTTP/1.1\r\nContent-Length: 11\r\n\r\n"
    attempted(created["id"], request_head=head)
    (shown,) = api("GET", f"/deliveries/{created['id']}").json["attempts"]
    assert shown["request"]["body"] == {"text": '{"n": 1.10}', "encoding": "utf-8", "bytes": 11}


def test_a_failed_delivery_is_resent(api: Caller, delivery: Any):
    finished(delivery["id"], "failed", attempts=1, last_status=503, last_cause="status")
    response = api("POST", f"/deliveries/{delivery['id']}/resend")
    assert response.status_code == 202
    assert response.json["id"] == delivery["id"]
    assert response.json["state"] in ("pending", "retrying")
    assert response.json["next_attempt_at"] is not None


def test_a_pending_delivery_is_cancelled_once(api: Caller, delivery: Any):
    path = f"/deliveries/{delivery['id']}/cancel"
    assert api("POST", path).json["state"] == "cancelled"
    response = api("POST", path)
    assert response.status_code == 409
    assert response.json["code"] == "conflict"


@pytest.mark.parametrize(("scope", "is_shown"), [("webhooks:manage", True), (None, False)])
def test_only_keys_that_manage_webhooks_see_an_owners_secrets(
    platform: Caller, organization: Any, delivery: Any, scope: str | None, is_shown: bool
):
    head = b"POST /hook HTTP/1.1\r\nx-streams-token: t0p\r\nContent-Length: 0\r\n\r\n"
    attempted(delivery["id"], request_head=head)
    scopes = ["deliveries:read", *([scope] if scope else [])]
    created = platform.post(
        f"/organizations/{organization.id}/api-keys", {"name": "a", "scopes": scopes}
    )
    caller = Caller(platform.client, {"Authorization": f"Bearer {created['key']}"})
    response = caller("GET", f"/deliveries/{delivery['id']}")
    (attempt,) = response.json["attempts"]
    token = {"name": "x-streams-token", "value": "t0p" if is_shown else "********"}
    assert token in attempt["request"]["headers"]
    assert ("t0p" in response.text) is is_shown


@pytest.mark.parametrize("action", ["", "/resend", "/cancel"])
def test_a_delivery_of_another_organization_looks_like_an_unknown_one(
    api: Caller, stranger: Caller, delivery: Any, action: str
):
    method = "POST" if action else "GET"
    other = stranger(method, f"/deliveries/{delivery['id']}{action}")
    unknown = stranger(method, f"/deliveries/{UNKNOWN}{action}")
    assert other.status_code == unknown.status_code == 404
    assert other.json | {"request_id": ""} == unknown.json | {"request_id": ""}
    assert api("GET", f"/deliveries/{delivery['id']}").json["state"] == "pending"
