"""Failure reasons in plain words."""

import pytest

from app.domain.deliveries.causes import CAUSES, cause_of_response, explain, is_ours, what_to_do

NAMED = (
    "ok status redirect dns address_refused refused unreachable reset empty_reply tls tls_expired"
    " tls_name tls_untrusted timeout_dns timeout_connect timeout_tls timeout_send timeout_wait"
    " timeout_read protocol headers_too_large url unrenderable too_large worker_lost gone sealed"
    " over_budget sandbox token proxy"
)


def test_every_cause_has_a_code_and_a_name():
    assert set(CAUSES) == set(NAMED.split())


@pytest.mark.parametrize("code", CAUSES)
def test_every_cause_has_a_title_a_sentence_and_what_to_do(code):
    assert explain(code, 500).endswith(".")
    assert what_to_do(code).endswith(".")
    assert not CAUSES[code].title.endswith(".")


@pytest.mark.parametrize(
    ("code", "status", "detail", "sentence"),
    [
        ("ok", 204, "", "HTTP 204 No Content."),
        ("status", 500, "", "HTTP 500 Internal Server Error."),
        ("redirect", 302, "", "Redirect not followed (HTTP 302 Found)."),
        ("status", 599, "", "HTTP 599."),
        ("gone", 410, "", "410 Gone."),
        ("timeout_read", 200, "", "Read timeout."),
        ("refused", None, "127.0.0.1:9000.", "Connection refused: 127.0.0.1:9000."),
        ("made_up", None, "", "Attempt failed."),
    ],
)
def test_a_failure_reason_is_one_sentence(code, status, detail, sentence):
    assert explain(code, status, detail) == sentence


def test_causes_on_our_side_are_marked():
    assert [code for code in CAUSES if is_ours(code)] == [
        "proxy",
        "sandbox",
        "sealed",
        "worker_lost",
    ]


@pytest.mark.parametrize(
    ("status", "accepted", "cause"),
    [
        (204, True, "ok"),
        (302, True, "ok"),
        (410, True, "ok"),
        (410, False, "gone"),
        (304, False, "redirect"),
        (204, False, "status"),
        (400, False, "status"),
        (503, False, "status"),
    ],
)
def test_the_success_rule_decides_and_the_status_is_the_cause(status, accepted, cause):
    assert cause_of_response(status, accepted=accepted) == cause
