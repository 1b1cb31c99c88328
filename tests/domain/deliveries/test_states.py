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


def test_every_state_has_a_label_a_tone_an_icon_and_a_next_step():
    assert all(s.label and s.tone and s.icon and s.next_step.endswith(".") for s in STATES.values())


def test_no_two_states_look_alike():
    assert len({state.icon for state in STATES.values()}) == len(STATES)


def test_what_goes_on_by_itself_is_open():
    assert {"pending", "sending", "retrying"} == OPEN


def test_what_waits_can_be_cancelled():
    assert {"pending", "retrying"} == CANCELLABLE


def test_what_has_been_tried_or_stopped_can_be_sent_again():
    assert {"retrying", "succeeded", "failed", "cancelled", "skipped"} == RESENDABLE


def test_sending_is_never_stored():
    assert states.SENDING not in STORED
    assert len(STORED) == 6
