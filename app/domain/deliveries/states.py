"""The states of a delivery, and what people read and can do in each."""

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
    """name: as stored and in the API. label: as people read it; its icon has the state's name.

    tone: names the colour: succeeded, retrying, failed, pending, sending or idle.
    next_step: one or two sentences. open: more attempts follow without anybody's help.
    """

    name: str
    label: str
    tone: str
    next_step: str
    open: bool = False
    resendable: bool = False
    cancellable: bool = False


_ALL = (
    State(
        PENDING,
        "Queued",
        "pending",
        "It will be sent as soon as a worker has a free slot for this webhook.",
        open=True,
        cancellable=True,
    ),
    State(
        SENDING,
        "Sending",
        "sending",
        "An attempt is in progress.",
        open=True,
    ),
    State(
        RETRYING,
        "Retrying",
        "retrying",
        "The next attempt is scheduled. You can retry now, or cancel.",
        open=True,
        resendable=True,
        cancellable=True,
    ),
    State(
        SUCCEEDED,
        "Succeeded",
        "succeeded",
        "Nothing to do. If you resend it, the receiver sees the same webhook-id.",
        resendable=True,
    ),
    State(
        FAILED,
        "Failed",
        "failed",
        "No more retries. Fix the cause, then resend.",
        resendable=True,
    ),
    State(
        CANCELLED,
        "Cancelled",
        "idle",
        "No further attempts. You can resend it.",
        resendable=True,
    ),
    State(
        SKIPPED,
        "Skipped",
        "idle",
        "The webhook was paused when the event arrived. You can send it now.",
        resendable=True,
    ),
)

STATES: dict[str, State] = {state.name: state for state in _ALL}

OPEN = frozenset(state.name for state in _ALL if state.open)
RESENDABLE = frozenset(state.name for state in _ALL if state.resendable)
CANCELLABLE = frozenset(state.name for state in _ALL if state.cancellable)
# What the column of a delivery's state may hold: `sending` is derived from the claim.
STORED = frozenset(STATES) - {SENDING}
