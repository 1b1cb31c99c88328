"""What the dispatcher counts while it delivers."""

from typing import Any

import pytest

from app.engine.dispatcher import Dispatcher
from app.runtime.metrics.requests import REGISTRY
from app.services.events import publishing as events
from tests.services.publishing import draft, webhook
from tests.support.servers.receiver import Receiver


def value(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


def counted() -> dict[str, float]:
    return {
        "succeeded": value("callboard_attempts_total", outcome="succeeded", cause="ok"),
        "status": value("callboard_attempts_total", outcome="failed", cause="status"),
        "durations": value("callboard_attempt_duration_seconds_count"),
        "first": value("callboard_delivery_latency_seconds_count", attempts="first"),
        "claims": value("callboard_claims_total"),
    }


COMMITS = "callboard_commit_seconds_count"


def difference(before: dict[str, float]) -> dict[str, float]:
    return {name: number - before[name] for name, number in counted().items()}


@pytest.mark.usefixtures("sqlite_app")
def test_attempts_are_counted_by_outcome_and_failure_reason(
    dispatcher: Dispatcher, organization: Any, receiver: Receiver
) -> None:
    webhook(organization.id, url=receiver.url)
    before, commits = counted(), value(COMMITS, process="worker")
    events.publish_batch(organization.id, [draft() for _ in range(3)])
    dispatcher.run(30, linger=0)
    assert difference(before) == {
        "succeeded": 3, "status": 0, "durations": 3, "first": 3, "claims": 3,
    }  # fmt: skip
    assert value(COMMITS, process="worker") > commits
    assert value("callboard_in_flight") == 0


@pytest.mark.usefixtures("sqlite_app")
def test_a_failed_attempt_has_a_duration_and_no_latency(
    dispatcher: Dispatcher, organization: Any, receiver: Receiver
) -> None:
    receiver.respond(status=503)
    webhook(organization.id, url=receiver.url)
    before = counted()
    events.publish(organization.id, draft())
    dispatcher.run(30, linger=0)
    assert difference(before) == {
        "succeeded": 0, "status": 1, "durations": 1, "first": 0, "claims": 1,
    }  # fmt: skip
