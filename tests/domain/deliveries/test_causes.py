"""Causes in plain words."""

import pytest

from app.domain.deliveries.causes import CAUSES, cause_of_answer, explain, is_ours, what_to_do

NAMED = (
    "ok status redirect dns address_refused refused unreachable reset empty_reply tls tls_expired"
    " tls_name tls_untrusted timeout_dns timeout_connect timeout_tls timeout_send timeout_wait"
    " timeout_read protocol headers_too_large url unrenderable too_large worker_lost gone sealed"
)


def test_every_cause_is_named():
    assert set(CAUSES) == set(NAMED.split())


@pytest.mark.parametrize("code", CAUSES)
def test_every_cause_has_a_title_a_sentence_and_what_to_do(code):
    assert explain(code, 500).endswith(".")
    assert what_to_do(code).endswith(".")
    assert not CAUSES[code].title.endswith(".")


@pytest.mark.parametrize(
    ("code", "status", "detail", "sentence"),
    [
        ("ok", 204, "", "The receiver answered with status 204."),
        ("status", 500, "", "The receiver answered with status 500."),
        ("redirect", 302, "", "The receiver redirected the request (status 302)."),
        ("refused", None, "127.0.0.1:9000.", "The connection was refused: 127.0.0.1:9000."),
        ("made_up", None, "", "The attempt failed."),
    ],
)
def test_an_attempt_is_explained_in_one_sentence(code, status, detail, sentence):
    assert explain(code, status, detail) == sentence


def test_our_own_faults_are_kept_apart_from_the_receiver_s():
    assert [code for code in CAUSES if is_ours(code)] == ["sealed", "worker_lost"]


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
def test_the_success_rule_decides_and_the_status_tells_why_not(status, accepted, cause):
    assert cause_of_answer(status, accepted=accepted) == cause
