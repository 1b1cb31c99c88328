"""The states of a delivery, and what a person sees and can do in each."""

from dataclasses import dataclass

PENDING = "pending"
SENDING = "sending"
RETRYING = "retrying"
SUCCEEDED = "succeeded"
FAILED = "failed"
CANCELLED = "cancelled"
SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class State:
    """tone: good, bad, busy, waiting or quiet. icon: the name of a drawing. next_step: a sentence.

    open: the delivery still goes on by itself. resendable, cancellable: what a person may do.
    """

    name: str
    label: str
    tone: str
    icon: str
    next_step: str
    open: bool = False
    resendable: bool = False
    cancellable: bool = False


_ALL = (
    State(
        PENDING,
        "Pending",
        "waiting",
        "clock",
        "It is sent as soon as a worker has a free slot for this webhook.",
        open=True,
        cancellable=True,
    ),
    State(
        SENDING,
        "Sending",
        "busy",
        "send",
        "An attempt is under way; its result shows here when it ends.",
        open=True,
    ),
    State(
        RETRYING,
        "Retrying",
        "waiting",
        "refresh",
        "It is tried again by itself; send it now, or cancel it.",
        open=True,
        resendable=True,
        cancellable=True,
    ),
    State(
        SUCCEEDED,
        "Succeeded",
        "good",
        "check",
        "Nothing to do. It can be sent again; the receiver sees the same id.",
        resendable=True,
    ),
    State(
        FAILED,
        "Failed",
        "bad",
        "alert",
        "All attempts failed. Mend what the last one shows, then send it again.",
        resendable=True,
    ),
    State(
        CANCELLED,
        "Cancelled",
        "quiet",
        "ban",
        "It was stopped and is not tried again. It can be sent again.",
        resendable=True,
    ),
    State(
        SKIPPED,
        "Skipped",
        "quiet",
        "skip",
        "The webhook was paused when the event came. It can be sent now.",
        resendable=True,
    ),
)

STATES: dict[str, State] = {state.name: state for state in _ALL}

OPEN = frozenset(state.name for state in _ALL if state.open)
RESENDABLE = frozenset(state.name for state in _ALL if state.resendable)
CANCELLABLE = frozenset(state.name for state in _ALL if state.cancellable)
# What the column of a delivery's state may hold: `sending` is read from the claim.
STORED = frozenset(STATES) - {SENDING}
