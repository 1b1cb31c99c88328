"""Summarize a delivery in a sentence or two: what happened, how often, and what comes next."""

from collections.abc import Sequence

from app.domain.deliveries.states import CANCELLED, FAILED, RETRYING, STATES, SUCCEEDED
from app.queries.deliveries.listing import DeliveryRow
from app.web.common.rendering import formats
from app.web.deliveries.attempts import Step

TIMES = ("", "", " twice", " three times", " four times", " five times")


def sentence(row: DeliveryRow, steps: Sequence[Step]) -> str:
    """steps: the latest attempts. The time of the next one is left out: the page counts it down."""
    if not steps:
        return _waiting(row)
    if row.state == SUCCEEDED:
        return _success(row, steps[-1])
    if row.delivery.is_test:
        return _outcome(steps)
    if row.state == FAILED:
        return f"{_outcome(steps)} Failed after {formats.plural(row.delivery.attempts, 'attempt')}."
    if row.state == RETRYING and not (row.held or row.blocked):
        return _outcome(steps)
    if row.state == CANCELLED:
        return f"{_outcome(steps)} Then cancelled; you can resend it."
    return f"{_outcome(steps)} {_waiting(row)}"


def _waiting(row: DeliveryRow) -> str:
    if row.is_disabled:
        return "On hold: the webhook is disabled. Sending continues when it is enabled."
    if row.held:
        return "On hold: the webhook is paused. Sending continues when it is resumed."
    if row.blocked:
        return "Waiting for an earlier delivery with the same ordering key."
    return STATES[row.state].next_step


def _success(row: DeliveryRow, last: Step) -> str:
    attempt = last.attempt
    which = "the first attempt" if attempt.number == 1 else f"attempt {attempt.number}"
    elapsed_ms = max(0, attempt.started_at + attempt.total_us // 1000 - row.delivery.created_at)
    elapsed = (
        formats.duration(elapsed_ms * 1000)
        if elapsed_ms < 60_000
        else formats.wait(elapsed_ms / 1000)
    )
    return f"Response {attempt.status} on {which}, {elapsed} after the event."


def _outcome(steps: Sequence[Step]) -> str:
    """The last attempt's result, and how many times in a row it was the same."""
    last = steps[-1]
    repeats = 0
    for step in reversed(steps):
        if step.title != last.title:
            break
        repeats += 1
    times = TIMES[repeats] if repeats < len(TIMES) else f" {repeats} times"
    if last.attempt.status is not None:
        return f"Response {last.attempt.status}{times}."
    return f"{last.title}{',' if times else ''}{times}."
