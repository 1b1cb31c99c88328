"""Spans of events, deliveries and attempts, and the header that the receiver gets."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.engine.dispatcher import Dispatcher
from app.models import Event
from app.models.common.base import db
from app.runtime import request_scope
from app.runtime.context import runtime_of
from app.services.accounts.actor import SYSTEM
from app.services.deliveries import actions
from app.services.events import publishing as events
from tests.services.publishing import delivery_rows, draft, webhook
from tests.support.dispatchers import dispatcher_of
from tests.support.servers.receiver import Receiver
from tests.support.traces import PRODUCER, Traces, header_of, is_child

SOON = {"kind": "schedule", "delays_seconds": [1]}
Deliver = Callable[[], None]


@pytest.fixture
def traces(app: Flask) -> Traces:
    return Traces(runtime_of(app))


@pytest.fixture
def deliver(app: Flask, traces: Traces) -> Iterator[Deliver]:
    dispatcher = dispatcher_of(runtime_of(app))
    yield lambda: dispatcher.run(30, linger=0.0)
    dispatcher.close()


@pytest.fixture
def in_request() -> Iterator[None]:
    """As if a producer with a trace of its own had sent a request."""
    token = request_scope.trace.set(PRODUCER)
    yield
    request_scope.trace.reset(token)


def test_a_trace_goes_from_the_producer_to_the_receiver(
    organization: Any, receiver: Receiver, traces: Traces, deliver: Deliver, in_request: None
) -> None:
    webhook(organization.id, url=receiver.url)
    events.publish(organization.id, draft("video.ready"))
    deliver()
    publish, delivery, attempt = (
        traces.single("publish"),
        traces.single("deliver"),
        traces.single("POST"),
    )
    assert publish.context.trace_id == PRODUCER.trace_id
    assert publish.parent.span_id == PRODUCER.span_id
    assert is_child(delivery, publish)
    assert is_child(attempt, delivery)
    assert receiver.requests[0].header("traceparent") == header_of(attempt)
    assert db.session.scalars(select(Event.traceparent)).all() == [header_of(publish)]


def test_each_attempt_has_a_span_without_secrets(
    sqlite_app: Flask, organization: Any, receiver: Receiver
) -> None:
    traces = Traces(runtime_of(sqlite_app))
    running = dispatcher_of(runtime_of(sqlite_app))
    webhook(organization.id, url=f"{receiver.url}/secret-path?key=secret", retry_policy=SOON)
    receiver.respond(503, times=1)
    events.publish(organization.id, draft("video.ready"))
    running.run(30, linger=2)
    running.close()
    [row] = delivery_rows()
    first, second = traces.named("POST")
    headers = [request.header("traceparent") for request in receiver.requests]
    assert headers == [header_of(first), header_of(second)]
    assert is_child(first, traces.single("deliver"))
    assert is_child(second, traces.single("deliver"))
    assert first.attributes["http.response.status_code"] == 503
    assert first.attributes["error.type"] == first.status.description
    assert first.attributes["server.port"] == receiver.port
    assert "error.type" not in second.attributes
    assert second.attributes["http.request.resend_count"] == 1
    assert (second.attributes["callboard.delivery_id"], row.state) == (row.id, "succeeded")
    assert traces.single("deliver").attributes["callboard.attempts"] == 2
    assert "secret" not in "".join(span.to_json() for span in traces.spans)


def test_a_delivery_spans_its_attempts(
    organization: Any, receiver: Receiver, traces: Traces, deliver: Deliver
) -> None:
    webhook(organization.id, url=receiver.url)
    events.publish(organization.id, draft())
    deliver()
    delivery, attempt = traces.single("deliver"), traces.single("POST")
    assert delivery.start_time <= attempt.start_time <= attempt.end_time == delivery.end_time


def test_a_resend_is_a_span_of_its_own(
    organization: Any, receiver: Receiver, traces: Traces, deliver: Deliver
) -> None:
    webhook(organization.id, url=receiver.url)
    events.publish(organization.id, draft())
    deliver()
    [row] = delivery_rows()
    actions.resend(organization.id, row.id, SYSTEM)
    deliver()
    resend, publish = traces.single("resend"), traces.single("publish")
    assert is_child(resend, publish)
    assert is_child(traces.named("POST")[1], resend)


def test_nothing_is_exported_of_a_trace_that_is_not_sampled(
    organization: Any, receiver: Receiver, traces: Traces, deliver: Deliver
) -> None:
    unsampled = type(PRODUCER)(PRODUCER.trace_id, PRODUCER.span_id, is_sampled=False)
    token = request_scope.trace.set(unsampled)
    webhook(organization.id, url=receiver.url)
    events.publish(organization.id, draft())
    request_scope.trace.reset(token)
    deliver()
    header = receiver.requests[0].header("traceparent") or ""
    assert header.startswith(f"00-{PRODUCER.trace_id:032x}-")
    assert header.endswith("-00")
    assert traces.spans == []


def test_a_webhook_keeps_its_own_header(
    organization: Any, receiver: Receiver, traces: Traces, deliver: Deliver
) -> None:
    webhook(organization.id, url=receiver.url, headers=[["Traceparent", "its own"]])
    events.publish(organization.id, draft())
    deliver()
    values = [
        value for name, value in receiver.requests[0].headers if name.lower() == "traceparent"
    ]
    assert values == ["its own"]


def test_events_from_before_traces_are_delivered_without(
    app: Flask, organization: Any, receiver: Receiver
) -> None:
    webhook(organization.id, url=receiver.url)
    events.publish(organization.id, draft())
    traces = Traces(runtime_of(app))
    running = dispatcher_of(runtime_of(app))
    running.run(30, linger=0)
    running.close()
    assert receiver.requests[0].header("traceparent") is None
    assert traces.spans == []


def test_without_traces_nothing_of_them_is_stored_or_sent(
    sqlite_app: Flask,
    dispatcher: Dispatcher,
    organization: Any,
    receiver: Receiver,
    in_request: None,
) -> None:
    webhook(organization.id, url=receiver.url)
    events.publish(organization.id, draft())
    dispatcher.run(30, linger=0)
    assert receiver.requests[0].header("traceparent") is None
    assert db.session.scalars(select(Event.traceparent)).all() == [None]
