"""What an attempt means for its delivery."""

from dataclasses import replace

import pytest

from app.domain.deliveries.verdicts import Verdict, judge
from tests.domain.facts import AT, webhook


def verdict(preset="standard", *, status=None, cause="ok", attempt=1, retry_after=None, **more):
    facts = webhook(preset, **more)
    return judge(
        facts,
        status=status,
        cause=cause,
        attempt=attempt,
        retry_after=retry_after,
        now=AT,
        draw=0.5,
    )


@pytest.mark.parametrize(
    ("preset", "status", "state", "cause"),
    [
        ("standard", 200, "succeeded", "ok"),
        ("standard", 299, "succeeded", "ok"),
        ("standard", 300, "retrying", "redirect"),
        ("render", 302, "succeeded", "ok"),
        ("render", 400, "retrying", "status"),
        ("standard", 404, "retrying", "status"),
        ("standard", 503, "retrying", "status"),
        ("standard", 410, "failed", "gone"),
        ("render", 410, "retrying", "gone"),
        ("custom", 410, "retrying", "gone"),
    ],
)
def test_the_success_rule_decides_about_a_response(preset, status, state, cause):
    outcome = verdict(preset, status=status)
    assert (outcome.state, outcome.cause) == (state, cause)


@pytest.mark.parametrize(
    ("cause", "status", "state"),
    [
        ("reset", None, "retrying"),
        ("reset", 200, "retrying"),
        ("timeout_wait", None, "retrying"),
        ("dns", None, "retrying"),
        ("address_refused", None, "retrying"),
        ("sealed", None, "retrying"),
        ("unrenderable", None, "failed"),
        ("too_large", None, "failed"),
        ("url", None, "failed"),
    ],
)
def test_a_failure_that_no_retry_can_fix_fails_at_once(cause, status, state):
    assert verdict(cause=cause, status=status).state == state


@pytest.mark.parametrize(
    ("preset", "seconds"),
    [
        ("standard", [5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400, None]),
        ("form_callback", [5, 10, 20, 40, 80, 160, 320, 640, 1280, None]),
        ("live_channel", [5, 10, 20, 40, 80, 160, 320, 640, 1280, None]),
        ("asset", [5, 10, 20, 40, 80, 160, 320, 640, 1280, None]),
        ("render", [8, 27, 64, 125, 216, 343, 512, 729, 900, None]),
        ("encoding", [3, 3, 3, None]),
    ],
)
def test_each_preset_follows_its_retry_delays_to_the_end(preset, seconds):
    verdicts = [verdict(preset, status=500, attempt=n + 1) for n in range(len(seconds))]
    assert [v.wait_ms for v in verdicts] == [None if s is None else s * 1000 for s in seconds]
    assert [v.state for v in verdicts] == ["retrying"] * (len(seconds) - 1) + ["failed"]


@pytest.mark.parametrize(
    ("preset", "retry_after", "wait_ms"),
    [
        ("standard", "60", 60_000),
        ("custom", "60", 60_000),
        ("standard", "2", 5_000),
        ("standard", "999999", 86_400_000),
        ("standard", "Mon, 17 Oct 2016 09:45:33 GMT", 60_000),
        ("standard", "soon", 5_000),
        ("standard", "-1", 5_000),
        ("form_callback", "60", 5_000),
        ("render", "60", 8_000),
        ("encoding", "60", 3_000),
    ],
)
def test_retry_after_extends_the_delay_if_the_preset_honors_it(preset, retry_after, wait_ms):
    assert verdict(preset, status=429, retry_after=retry_after).wait_ms == wait_ms


def test_retry_after_adds_no_attempt_to_the_policy():
    assert verdict(status=503, attempt=10, retry_after="1").state == "failed"


def test_410_disables_a_webhook_but_no_callback_target():
    assert verdict(status=410) == Verdict("failed", "gone", None, disables=True)
    assert not verdict(status=410, kind="callback").disables


def test_an_accepted_status_is_never_a_redirect_or_gone():
    rule = replace(webhook("standard"), success=webhook("render").success)
    assert verdict(status=410, success=type(rule.success)(["410"])).state == "succeeded"
