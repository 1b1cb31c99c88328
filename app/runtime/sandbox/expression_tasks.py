"""Sandbox tasks: evaluate filters and render bodies."""

from collections.abc import Iterator, Sequence

import msgspec

from app.domain.bodies.custom import shaped
from app.domain.bodies.spec import BodySpec, CannotRender
from app.domain.events.document import event_document
from app.domain.events.event import EventFacts
from app.domain.expressions.meter import MAX_UNITS
from app.domain.webhooks.filters import CannotEvaluate, FilterVerdict, judge_filter

# For all filters of one event; older webhooks come first.
EVENT_UNITS = 4 * MAX_UNITS
_SPENT = "The organization's filters together exceed the budget for one event."

_encode = msgspec.msgpack.encode


def judge(event: list[object], texts: Sequence[str], units: int) -> Iterator[bytes]:
    """One step per filter: its FilterVerdict. units: the budget for all filters."""
    try:
        document = event_document(EventFacts(*event))  # type: ignore[arg-type]
    except CannotEvaluate as error:
        for _ in texts:
            yield _encode(FilterVerdict(matched=False, detail=str(error)))
        return
    for text in texts:
        budget = min(units, MAX_UNITS)
        verdict = judge_filter(text, document, budget)
        units -= min(verdict.units, budget)
        if verdict.over_budget and budget < MAX_UNITS:
            # Earlier filters used up the budget, so this filter is not to blame.
            verdict = FilterVerdict(matched=False, detail=_SPENT)
        yield _encode(verdict)


def shape(event: list[object], encoding: str, expression: str) -> Iterator[bytes]:
    """One step: (content type, body, "") or (failure reason, nothing, detail)."""
    spec = BodySpec("custom", encoding, expression)
    try:
        body = shaped(spec, EventFacts(*event))  # type: ignore[arg-type]
    except CannotRender as error:
        yield _encode((error.cause, b"", error.detail))
    else:
        yield _encode((body.content_type, body.content, ""))
