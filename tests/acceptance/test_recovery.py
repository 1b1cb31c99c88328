"""Missed and failed deliveries are recovered through the API."""

import runpy

import pytest

from app.web.webhooks.verify import SAMPLES
from tests.acceptance.conftest import Tenant, eventually
from tests.support.servers.receiver import Receiver

pytestmark = [pytest.mark.acceptance, pytest.mark.timeout(400)]

ALL_TIME = {"since": "2020-01-01T00:00:00Z"}
ONCE = {"kind": "fixed", "interval_seconds": 1, "max_attempts": 1}


def state(tenant: Tenant, webhook_id: str) -> str:
    [row] = tenant.call("GET", f"/deliveries?webhook_id={webhook_id}")["data"]
    return str(row["state"])


def test_missed_events_and_failed_deliveries_are_recovered(
    tenant: Tenant, receiver: Receiver
) -> None:
    tenant.publish('{"type": "order.paid", "payload": {"n": 1}}')
    webhook_id = tenant.webhook(url=receiver.url, retry_policy=ONCE)
    path = f"/webhooks/{webhook_id}"
    receiver.respond(503)
    assert tenant.call("POST", f"{path}/send-missed", ALL_TIME | {"dry_run": True})["count"] == 1
    assert tenant.call("POST", f"{path}/send-missed", ALL_TIME)["count"] == 1
    eventually(lambda: state(tenant, webhook_id) == "failed")
    receiver.respond(204)
    assert tenant.call("POST", f"{path}/recover", ALL_TIME)["count"] == 1
    eventually(lambda: state(tenant, webhook_id) == "succeeded")
    first, second = receiver.requests
    assert first.body == second.body
    assert first.header("webhook-id") == second.header("webhook-id")
    assert second.header("X-Callboard-Attempt") == "2"
    secret = tenant.secret(webhook_id)
    headers = {name.lower(): value for name, value in second.headers}
    is_genuine = runpy.run_path(str(SAMPLES / "python" / "v1.py"))["is_genuine"]
    assert is_genuine(headers, second.body, secret)
    assert not is_genuine(headers, second.body + b" ", secret)
