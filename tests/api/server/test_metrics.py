from typing import Any

from flask.testing import FlaskClient

from app import __version__
from app.domain.common.clock import now_ms
from app.models import Worker
from app.store.transaction import write_transaction
from tests.api.conftest import Caller
from tests.support.metrics import metric


def test_accepted_events_are_counted_once(api: Caller, client: FlaskClient):
    before = metric(client, "callboard_events_accepted_total")
    for _ in range(2):
        api.post("/events", {"type": "a", "payload": {}, "id": "same"})
    assert metric(client, "callboard_events_accepted_total") == before + 1


def test_requests_are_counted_by_route_and_not_by_path(api: Caller, client: FlaskClient):
    labels = '{method="GET",route="/api/v1/events/<event_id>",status="404"}'
    name = f"callboard_http_request_duration_seconds_count{labels}"
    before = metric(client, name)
    api("GET", "/events/0198c7a2-7c1e-7000-8000-2f6b1f9d3c11")
    api("GET", "/events/x")
    assert metric(client, name) == before + 2


def test_unknown_methods_and_paths_create_no_new_series(client: FlaskClient, app: Any):
    for n in range(3):
        client.open(f"/api/v1/{n}", method=f"BREW{n}")
    assert "BREW" not in client.get("/metrics").text


def test_the_backlog_is_reported(api: Caller, client: FlaskClient):
    api.post("/webhooks", {"url": "https://example.com/hook"})
    api.post("/events", {"type": "a", "payload": {}})
    assert metric(client, "callboard_queue_depth") == 1
    assert metric(client, "callboard_database_up") == 1


def test_workers_are_counted_while_they_send_heartbeats(client: FlaskClient):
    now = now_ms()
    with write_transaction() as session:
        for name, ago in (("a", 0), ("b", 10_000), ("gone", 20_000)):
            session.add(Worker(name=name, started_at=now, beat=1, seen_at=now - ago))
    assert metric(client, "callboard_workers") == 2


def test_the_release_is_a_label(client: FlaskClient):
    assert metric(client, f'callboard_build_info{{version="{__version__}"}}') == 1


def test_creation_times_are_left_out(api: Caller, client: FlaskClient):
    api.post("/events", {"type": "a", "payload": {}})
    assert "_created" not in client.get("/metrics").text
