"""A delivery in a sentence or two: what happened, how often, and what comes next."""

from collections.abc import Sequence

from app.domain.deliveries.states import CANCELLED, FAILED, RETRYING, STATES, SUCCEEDED
from app.queries.deliveries.listing import DeliveryRow
from app.web.common import formats
from app.web.deliveries.attempts import Step

TIMES = ("", "", " twice", " three times", " four times", " five times")


def sentence(row: DeliveryRow, steps: Sequence[Step]) -> str:
    """steps: the last ones. The next attempt's time is left out: the page counts it down."""
    if not steps:
        return _waiting(row)
    if row.state == SUCCEEDED:
        return f"{_answered(steps)} {_after(row, steps[-1])}."
    if row.state == FAILED:
        number = formats.plural(row.delivery.attempts, "attempt")
        return f"{_trouble(steps)} Given up after {number}."
    if row.state == RETRYING and not (row.held or row.blocked):
        return _trouble(steps)
    if row.state == CANCELLED:
        return f"{_trouble(steps)} Then it was cancelled; it can be sent again."
    return f"{_trouble(steps)} {_waiting(row)}"


def _waiting(row: DeliveryRow) -> str:
    if row.held:
        return "The webhook is paused; this waits until it is resumed."
    if row.blocked:
        return "It waits for an earlier delivery of the same ordering key."
    return STATES[row.state].next_step


def _answered(steps: Sequence[Step]) -> str:
    number = steps[-1].attempt.number
    place = "at the first attempt" if number == 1 else f"at attempt {number}"
    return f"The receiver answered {steps[-1].attempt.status} {place},"


def _after(row: DeliveryRow, last: Step) -> str:
    ended = last.attempt.started_at + last.attempt.total_us // 1000
    passed = max(0, ended - row.delivery.created_at)
    words = formats.duration(passed * 1000) if passed < 60_000 else formats.wait(passed / 1000)
    return f"{words} after the event was accepted"


def _trouble(steps: Sequence[Step]) -> str:
    """The last attempt's end, and how often in a row it was the same."""
    last = steps[-1]
    if last.succeeded:
        return f"The receiver answered {last.attempt.status}."
    same = 0
    for step in reversed(steps):
        if step.title != last.title:
            break
        same += 1
    times = TIMES[same] if same < len(TIMES) else f" {same} times"
    if last.attempt.status is not None:
        return f"The receiver answered {last.attempt.status}{times}."
    return f"{last.title}{',' if times else ''}{times}."
