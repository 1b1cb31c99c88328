"""What is published is what the description says."""

from typing import Any

import msgspec
import pytest
from jsonschema import Draft202012Validator

from app.domain.event_types.names import SAMPLES
from app.domain.notifications import system_events
from app.domain.notifications.payloads import NOTICES, PAYLOADS

WEBHOOK = {"id": "0198c9f5-0b60-7e5c-9db9-81321ffe31d5", "name": "E", "url": "https://e.example/"}
DELIVERY = {"id": WEBHOOK["id"], "attempts": 4, "event_id": WEBHOOK["id"], "event_type": "a.b"}
# Everything that a notice can have, and what is not published.
DETAIL: dict[str, Any] = {
    "reason": "The receiver responded with 410 Gone.",
    "cause": "status",
    "status": 410,
    "since": 1_772_000_000_000,
    "counts": {"webhook.failing": 1},
    "last": "webhook.failing",
    "deliveries": [WEBHOOK["id"]],
    "attempts": 4,
}


def check(name: str, payload: dict[str, Any]) -> None:
    schema = msgspec.json.schema(PAYLOADS[name])
    assert [error.message for error in Draft202012Validator(schema).iter_errors(payload)] == []


@pytest.mark.parametrize("name", PAYLOADS)
def test_the_sample_is_as_declared(name: str) -> None:
    check(name, dict(SAMPLES[name].payload))
    declared = getattr(PAYLOADS[name], "__struct_fields__", SAMPLES[name].payload)
    assert SAMPLES[name].payload.keys() <= set(declared)


@pytest.mark.parametrize("name", NOTICES)
def test_a_notice_has_the_declared_fields_only(name: str) -> None:
    payload = system_events.payload(name, WEBHOOK, DETAIL, DELIVERY, "https://c.example/webhooks/1")
    check(name, payload)
    assert set(payload) == set(NOTICES[name].__struct_fields__)


@pytest.mark.parametrize("name", NOTICES)
def test_what_is_unknown_is_left_out(name: str) -> None:
    payload = system_events.payload(name, WEBHOOK, {"cause": None, "since": None})
    check(name, payload)
    assert payload == {"webhook": WEBHOOK}
