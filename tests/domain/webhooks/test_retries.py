"""Retry policies and Retry-After."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.common.errors import Invalid
from app.domain.webhooks.presets import PRESETS
from app.domain.webhooks.retries import parse_policy, retry_after_seconds

CUBIC = {"kind": "cubic", "max_attempts": 10, "cap_seconds": 900}
FIXED = {"kind": "fixed", "interval_seconds": 3, "max_attempts": 4}
EXPONENTIAL = {
    "kind": "exponential",
    "base_seconds": 5,
    "factor": 2,
    "cap_seconds": 3600,
    "max_attempts": 10,
    "jitter": 0.1,
}
SCHEDULE = {"kind": "schedule", "delays_seconds": [5, 300, 1800]}


@pytest.mark.parametrize(
    ("document", "waits"),
    [
        (CUBIC, [8, 27, 64, 125, 216, 343, 512, 729, 900]),
        (FIXED, [3, 3, 3]),
        (EXPONENTIAL, [5, 10, 20, 40, 80, 160, 320, 640, 1280]),
        ({**EXPONENTIAL, "cap_seconds": 60}, [5, 10, 20, 40, 60, 60, 60, 60, 60]),
        (SCHEDULE, [5, 300, 1800]),
        ({"kind": "schedule", "delays_seconds": []}, []),
        ({**FIXED, "max_attempts": 1}, []),
        ({**FIXED, "interval_seconds": 1.5}, [1.5, 1.5, 1.5]),
    ],
)
def test_each_kind_has_its_delays(document, waits):
    policy = parse_policy(document)
    assert policy.waits() == waits
    assert policy.max_attempts == len(waits) + 1
    assert [policy.wait_before(n) for n in range(2, len(waits) + 2)] == waits


@pytest.mark.parametrize("document", [CUBIC, FIXED, EXPONENTIAL, SCHEDULE])
def test_a_policy_round_trips_through_its_document(document):
    policy = parse_policy(document)
    assert policy.document() == document
    assert parse_policy(policy.document()) == policy


@pytest.mark.parametrize("n", [-1, 0, 1, 5])
def test_there_is_no_delay_after_the_last_attempt(n):
    assert parse_policy(FIXED).wait_before(n) is None


@pytest.mark.parametrize(
    ("preset", "waits"),
    [
        ("form_callback", [5, 10, 20, 40, 80, 160, 320, 640, 1280]),
        ("render", [8, 27, 64, 125, 216, 343, 512, 729, 900]),
        ("encoding", [3, 3, 3]),
        ("standard", [5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400]),
    ],
)
def test_a_preset_has_the_delays_of_its_original_without_jitter(preset, waits):
    policy = PRESETS[preset].retry_policy
    assert policy.waits() == waits
    assert [policy.wait_before(n, 0) for n in range(2, len(waits) + 2)] == waits


@given(draw=st.floats(0, 1, exclude_max=True), n=st.integers(2, 10))
def test_jitter_stays_near_the_delay_and_below_the_cap(draw, n):
    policy = parse_policy({**EXPONENTIAL, "cap_seconds": 100})
    wait, plain = policy.wait_before(n, draw), policy.waits()[n - 2]
    assert 0.9 * plain - 1e-6 <= wait <= min(1.1 * plain + 1e-6, 100)


def test_jitter_never_shortens_a_delay_below_a_second():
    policy = parse_policy({**EXPONENTIAL, "base_seconds": 1, "jitter": 1})
    assert policy.wait_before(2, 0) == 1


def test_a_retry_after_longer_than_the_delay_wins():
    assert parse_policy(FIXED).wait_before(2, at_least=120) == 120


def test_a_retry_after_never_shortens_the_delay():
    assert parse_policy(FIXED).wait_before(2, at_least=1) == 3


def test_a_retry_after_adds_no_attempt():
    assert parse_policy(FIXED).wait_before(5, at_least=120) is None


@pytest.mark.parametrize(
    ("document", "field"),
    [
        (None, "retry_policy"),
        ([], "retry_policy"),
        ("cubic", "retry_policy"),
        ({}, "retry_policy.kind"),
        ({"kind": "linear"}, "retry_policy.kind"),
        ({"kind": ["cubic"]}, "retry_policy.kind"),
        ({"kind": "cubic"}, "retry_policy.max_attempts"),
        ({**FIXED, "interval_seconds": 0.999}, "retry_policy.interval_seconds"),
        ({**FIXED, "interval_seconds": 604_801}, "retry_policy.interval_seconds"),
        ({**FIXED, "interval_seconds": "3"}, "retry_policy.interval_seconds"),
        ({**FIXED, "interval_seconds": True}, "retry_policy.interval_seconds"),
        ({**FIXED, "interval_seconds": float("nan")}, "retry_policy.interval_seconds"),
        ({**FIXED, "interval_seconds": 10**5000}, "retry_policy.interval_seconds"),
        ({**FIXED, "max_attempts": 0}, "retry_policy.max_attempts"),
        ({**FIXED, "max_attempts": 51}, "retry_policy.max_attempts"),
        ({**FIXED, "max_attempts": 2.5}, "retry_policy.max_attempts"),
        ({**FIXED, "cap_seconds": 5}, "retry_policy.cap_seconds"),
        ({**CUBIC, "cap_seconds": 0}, "retry_policy.cap_seconds"),
        ({**EXPONENTIAL, "factor": 0.5}, "retry_policy.factor"),
        ({**EXPONENTIAL, "factor": 11}, "retry_policy.factor"),
        ({**EXPONENTIAL, "jitter": 1.1}, "retry_policy.jitter"),
        ({"kind": "schedule"}, "retry_policy.delays_seconds"),
        ({"kind": "schedule", "delays_seconds": "5"}, "retry_policy.delays_seconds"),
        ({"kind": "schedule", "delays_seconds": [5, 0]}, "retry_policy.delays_seconds[1]"),
        ({"kind": "schedule", "delays_seconds": [5] * 50}, "retry_policy.delays_seconds"),
    ],
)
def test_an_invalid_policy_is_rejected_by_field(document, field):
    with pytest.raises(Invalid) as refusal:
        parse_policy(document)
    assert [error.field for error in refusal.value.errors] == [field]


@pytest.mark.parametrize(
    ("change", "range_"),
    [
        ({"interval_seconds": 0}, "from 1 to 604800"),
        ({"max_attempts": 99}, "from 1 to 50"),
    ],
)
def test_an_error_states_the_range(change, range_):
    with pytest.raises(Invalid) as refusal:
        parse_policy(FIXED | change)
    assert range_ in refusal.value.errors[0].remedy


def test_all_errors_are_reported_at_once():
    with pytest.raises(Invalid) as refusal:
        parse_policy({"kind": "fixed", "max_attempts": 0, "interval_seconds": 0, "x": 1})
    assert len(refusal.value.errors) == 3


def test_an_error_uses_the_field_name_of_the_caller():
    with pytest.raises(Invalid) as refusal:
        parse_policy({"kind": "x"}, "webhook.retry_policy")
    assert refusal.value.errors[0].field == "webhook.retry_policy.kind"


NOW = 1445412470_500  # half a second past 07:27:50


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("0", 0),
        (" 120 ", 120),
        ("86401", 86_400),
        ("9" * 5000, 86_400),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 10),
        ("Wednesday, 21-Oct-15 07:28:00 GMT", 10),
        ("Wed, 21 Oct 2015 07:28:00 -0000", 10),
        ("Wed, 21 Oct 2015 07:00:00 GMT", 0),
        ("Fri, 21 Oct 2095 07:28:00 GMT", 86_400),
    ],
)
def test_a_retry_after_is_seconds_or_a_date_and_24_hours_at_most(header, seconds):
    assert retry_after_seconds(header, NOW) == seconds


@pytest.mark.parametrize(
    "header", ["", "-5", "1.5", "٣", "soon", "120, 120", "Wed, 99 Oct 2015", "0x10"]
)
def test_an_invalid_retry_after_is_ignored(header):
    assert retry_after_seconds(header, NOW) is None


@given(st.text())
def test_no_retry_after_raises_an_error(header):
    assert retry_after_seconds(header, NOW) in {None, *range(86_401)}
