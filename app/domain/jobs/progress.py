"""How far a job is, from the states of the deliveries that it acted on."""

from collections.abc import Iterable
from dataclasses import dataclass

from app.domain.deliveries import states


@dataclass(frozen=True, slots=True)
class Progress:
    """Numbers of deliveries. on_hold: until their webhook is resumed. waiting: for an attempt.
    elsewhere: a later job acted on them, or their data expired. seconds_left: an estimate; None:
    unknown, or nothing is left that moves."""

    succeeded: int
    failed: int
    on_hold: int
    waiting: int
    cancelled: int
    elsewhere: int
    seconds_left: float | None

    @property
    def is_moving(self) -> bool:
        return self.waiting > 0


def progress(
    counts: Iterable[tuple[str, bool, int]],
    done: int,
    to_do: int | None,
    elapsed_seconds: float,
    *,
    is_cancelling: bool,
) -> Progress:
    """counts: (state, whether the webhook sends, number). done: deliveries that the job has acted
    on. to_do: those that it has still to act on; None: not known."""
    numbers = {"succeeded": 0, "failed": 0, "on_hold": 0, "waiting": 0, "cancelled": 0}
    for state, sends, number in counts:
        if state in (states.PENDING, states.RETRYING):
            numbers["waiting" if sends else "on_hold"] += number
        elif state in numbers:
            numbers[state] += number
    finished = done if is_cancelling else numbers["succeeded"] + numbers["failed"]
    left = None if to_do is None else to_do + (0 if is_cancelling else numbers["waiting"])
    return Progress(
        **numbers,
        elsewhere=max(0, done - sum(numbers.values())),
        seconds_left=_seconds_left(finished, left, elapsed_seconds),
    )


def _seconds_left(finished: int, left: int | None, elapsed_seconds: float) -> float | None:
    if not left or not finished or elapsed_seconds <= 0:
        return None
    return left * elapsed_seconds / finished
