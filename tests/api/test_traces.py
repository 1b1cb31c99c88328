"""The span of a request, and what belongs to it."""

from typing import Any

import pytest
from flask import Flask

from app.runtime.context import runtime_of
from app.services.accounts import api_keys
from app.services.accounts.actor import SYSTEM
from tests.support.traces import PRODUCER, Traces, is_child


@pytest.fixture
def traces(sqlite_app: Flask) -> Traces:
    return Traces(runtime_of(sqlite_app))


@pytest.fixture
def headers(sqlite_app: Flask, organization: Any) -> dict[str, str]:
    key = api_keys.create(organization.id, "Traces", actor=SYSTEM).key
    return {"Authorization": f"Bearer {key}"}


def _post(app: Flask, path: str, document: Any, headers: dict[str, str]) -> int:
    return app.test_client().post(path, json=document, headers=headers).status_code


def test_a_producers_trace_goes_on_through_the_request(
    sqlite_app: Flask, organization: Any, headers: dict[str, str], traces: Traces
) -> None:
    traced = headers | {"traceparent": PRODUCER.header, "X-Request-Id": "mine-1234"}
    status = _post(sqlite_app, "/api/v1/events", {"type": "a", "payload": {}}, traced)
    request, publish = traces.single("POST /api/v1/events"), traces.single("publish")
    assert request.context.trace_id == PRODUCER.trace_id
    assert request.parent.span_id == PRODUCER.span_id
    assert is_child(publish, request)
    attributes = request.attributes
    assert attributes["http.response.status_code"] == status == 202
    assert attributes["callboard.request_id"] == "mine-1234"
    assert attributes["callboard.organization_id"] == organization.id
    assert request.start_time <= publish.start_time


def test_each_event_of_a_batch_has_a_span(
    sqlite_app: Flask, headers: dict[str, str], traces: Traces
) -> None:
    batch = {"events": [{"type": "a", "payload": {}}, {"type": "b", "payload": {}}]}
    _post(sqlite_app, "/api/v1/events/batch", batch, headers)
    request = traces.single("POST /api/v1/events/batch")
    assert [is_child(span, request) for span in traces.named("publish")] == [True, True]


def test_an_event_that_was_accepted_before_has_no_second_span(
    sqlite_app: Flask, headers: dict[str, str], traces: Traces
) -> None:
    for _ in range(2):
        _post(sqlite_app, "/api/v1/events", {"id": "1", "type": "a", "payload": {}}, headers)
    assert len(traces.named("POST /api/v1/events")) == 2
    assert len(traces.named("publish")) == 1


def test_an_invalid_header_begins_a_new_trace(
    sqlite_app: Flask, headers: dict[str, str], traces: Traces
) -> None:
    traced = headers | {"traceparent": f"ff{PRODUCER.header[2:]}"}
    _post(sqlite_app, "/api/v1/events", {"type": "a", "payload": {}}, traced)
    request = traces.single("POST /api/v1/events")
    assert request.parent is None
    assert request.context.trace_id != PRODUCER.trace_id


def test_pages_have_spans_and_probes_have_none(sqlite_app: Flask, traces: Traces) -> None:
    client = sqlite_app.test_client()
    for path in ("/sign-in", "/healthz", "/livez", "/metrics"):
        client.get(path)
    assert [span.attributes["http.route"] for span in traces.spans] == ["/sign-in"]
