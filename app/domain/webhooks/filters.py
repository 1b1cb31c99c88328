"""Tenants' expressions over an event: what they are checked for, and what they say of an event."""

from typing import Any

import msgspec

from app.domain.common.errors import Invalid, invalid
from app.domain.expressions.errors import CannotEvaluate, OverBudget
from app.domain.expressions.expression import Expression, compiled
from app.domain.expressions.meter import MAX_UNITS, Meter
from app.domain.expressions.syntax import MAX_LENGTH, REMEDY

__all__ = [
    "CannotEvaluate",
    "FilterVerdict",
    "OverBudget",
    "compile_filter",
    "cost_of",
    "evaluate",
    "is_true",
    "judge_cheap",
    "judge_filter",
    "matches",
]


class FilterVerdict(msgspec.Struct, frozen=True, array_like=True):
    """What a filter says of an event. detail: why it could not say. over_budget: it would have
    taken more than it may; counted against the webhook. units: what it took."""

    matched: bool
    detail: str = ""
    over_budget: bool = False
    units: int = 0


def compile_filter(text: object, field: str = "filter") -> Expression:
    """The expression in `text`. Invalid tells what is wrong with it and where."""
    if not isinstance(text, str):
        raise invalid(field, "type", "This is not a text.", REMEDY)
    if not text.strip():
        raise invalid(field, "required", "The expression is empty.", REMEDY)
    if len(text) > MAX_LENGTH:
        raise invalid(field, "length", f"It has more than {MAX_LENGTH} characters.", REMEDY)
    try:
        return compiled(text)
    except Invalid as refusal:
        error = refusal.errors[0]
        raise invalid(field, error.code, error.problem, error.remedy) from refusal


def cost_of(text: str, payload_bytes: int) -> float | None:
    """Units that a stored expression takes at most on an event with such a payload; None: it is
    not provably cheap, and belongs into the sandbox."""
    try:
        return compiled(text).cost(payload_bytes)
    except Invalid:
        # It fails at once, wherever it is.
        return 0


def judge_filter(text: str, document: Any, units: int = MAX_UNITS) -> FilterVerdict:
    """units: its budget."""
    meter = Meter(units)
    try:
        matched = is_true(_stored(text).evaluate(document, meter))
    except OverBudget as error:
        return FilterVerdict(matched=False, detail=str(error), over_budget=True, units=meter.units)
    except CannotEvaluate as error:
        return FilterVerdict(matched=False, detail=str(error), units=meter.units)
    return FilterVerdict(matched=matched, units=meter.units)


def judge_cheap(text: str, document: Any) -> FilterVerdict:
    """The same, without a meter; only where `cost_of` is known."""
    try:
        return _VERDICTS[is_true(_stored(text).evaluate_cheap(document))]
    except CannotEvaluate as error:
        return FilterVerdict(matched=False, detail=str(error))


def matches(text: str, document: Any) -> bool:
    """Whether the filter lets the event through: true as JMESPath has it (0 is true; null, false
    and what is empty are not). One that fails on the event does not let it through."""
    return judge_filter(text, document).matched


def evaluate(text: str, document: Any, meter: Meter | None = None) -> Any:
    """What a stored expression makes of `document`. CannotEvaluate when it cannot."""
    return _stored(text).evaluate(document, meter or Meter())


def is_true(value: Any) -> bool:
    return value is not None and value is not False and value not in ("", [], {})


def _stored(text: str) -> Expression:
    try:
        return compiled(text)
    except Invalid as refusal:
        raise CannotEvaluate(refusal.errors[0].problem) from refusal


_VERDICTS = (FilterVerdict(matched=False), FilterVerdict(matched=True))
