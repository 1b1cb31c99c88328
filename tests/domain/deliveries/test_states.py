"""The states of a delivery."""

from app.domain.deliveries import states
from app.domain.deliveries.states import CANCELLABLE, OPEN, RESENDABLE, STATES, STORED


def test_a_delivery_has_seven_states():
    assert list(STATES) == [
        "pending",
        "sending",
        "retrying",
        "succeeded",
        "failed",
        "cancelled",
        "skipped",
    ]


def test_every_state_has_a_label_a_tone_and_a_next_step():
    assert all(s.label and s.tone and s.next_step.endswith(".") for s in STATES.values())


def test_the_state_pending_is_labelled_queued():
    assert [
        state.label.lower() for state in STATES.values() if state.label.lower() != state.name
    ] == ["queued"]


def test_deliveries_with_more_attempts_to_come_are_open():
    assert {"pending", "sending", "retrying"} == OPEN


def test_waiting_deliveries_can_be_cancelled():
    assert {"pending", "retrying"} == CANCELLABLE


def test_attempted_or_stopped_deliveries_can_be_resent():
    assert {"retrying", "succeeded", "failed", "cancelled", "skipped"} == RESENDABLE


def test_sending_is_never_stored():
    assert states.SENDING not in STORED
    assert len(STORED) == 6
