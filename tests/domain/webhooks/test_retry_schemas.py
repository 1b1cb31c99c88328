"""The schema of retry policies accepts what the rules accept, and refuses what they refuse."""

from typing import Any

import pytest
from jsonschema import Draft202012Validator

from app.domain.common.errors import Invalid
from app.domain.webhooks.presets import PRESETS
from app.domain.webhooks.retries import KINDS, parse_policy
from app.domain.webhooks.retry_schemas import policy_schema

VALIDATOR = Draft202012Validator(policy_schema())
VALID: list[dict[str, Any]] = [
    {"kind": "fixed", "interval_seconds": 1, "max_attempts": 50},
    {"kind": "cubic", "max_attempts": 1},
    {"kind": "cubic", "max_attempts": 6, "cap_seconds": 604_800},
    {"kind": "exponential", "base_seconds": 2.5, "max_attempts": 5},
    {"kind": "exponential", "base_seconds": 2, "max_attempts": 5, "factor": 10, "jitter": 1},
    {"kind": "schedule", "delays_seconds": []},
    {"kind": "schedule", "delays_seconds": [1] * 49},
    *(preset.retry_policy.document() for preset in PRESETS.values()),
]
INVALID: list[Any] = [
    "fixed",
    {},
    {"kind": "none"},
    {"kind": "fixed", "interval_seconds": 1},
    {"kind": "fixed", "interval_seconds": 0, "max_attempts": 3},
    {"kind": "fixed", "interval_seconds": 1, "max_attempts": 51},
    {"kind": "fixed", "interval_seconds": 1, "max_attempts": 3, "jitter": 1},
    {"kind": "exponential", "base_seconds": 2, "max_attempts": 5, "factor": 11},
    {"kind": "schedule", "delays_seconds": [1] * 50},
    {"kind": "schedule", "delays_seconds": ["1"]},
]


@pytest.mark.parametrize("document", VALID)
def test_it_accepts_what_the_rules_accept(document: dict[str, Any]) -> None:
    parse_policy(document)
    VALIDATOR.validate(document)


@pytest.mark.parametrize("document", INVALID)
def test_it_refuses_what_the_rules_refuse(document: Any) -> None:
    with pytest.raises(Invalid):
        parse_policy(document)
    assert not VALIDATOR.is_valid(document)


def test_every_kind_is_described() -> None:
    assert {each["title"] for each in policy_schema()["oneOf"]} == set(KINDS)
