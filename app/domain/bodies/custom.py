"""The body format `custom`: shaped by the webhook's own JMESPath expression."""

from app.domain.bodies.spec import Body, BodySpec, CannotRender
from app.domain.common.form_encoding import FORM, JSON, form
from app.domain.common.json_text import compact_json, fields_of, plain
from app.domain.events.document import event_document
from app.domain.events.event import EventFacts
from app.domain.expressions.meter import Meter
from app.domain.webhooks.filters import CannotEvaluate, OverBudget, cost_of, evaluate

LARGEST_BODY = 4 << 20
# Of an expression that runs outside the sandbox, with the writing of what it gives: a millisecond.
_CHEAP_UNITS = 10_000


def shaped(spec: BodySpec, event: EventFacts, meter: Meter | None = None) -> Body:
    """Without an expression, the payload: as it is, or its top-level fields as a form.
    CannotRender when the expression fails, or gives nothing or too much, or a form no object."""
    if spec.expression is None:
        content = event.payload
    else:
        try:
            content = _evaluated(spec.expression, event, meter or Meter())
        except OverBudget as error:
            raise CannotRender("over_budget", str(error)) from error
    if spec.encoding != "form":
        return Body(JSON, content)
    try:
        fields = fields_of(content)
    except ValueError as error:
        detail = "Only an object can be sent as a form, and the expression gave none."
        raise CannotRender("unrenderable", detail) from error
    return Body(FORM, form((name, plain(bytes(value))) for name, value in fields.items()))


def shaped_cheaply(spec: BodySpec, event: EventFacts) -> Body | None:
    """None: only the sandbox may shape it. CannotRender."""
    if spec.expression is not None and cost_of(spec.expression, len(event.payload)) is None:
        return None
    try:
        return shaped(spec, event, Meter(_CHEAP_UNITS))
    except CannotRender as error:
        if error.cause == "over_budget":
            return None
        raise


def _evaluated(expression: str, event: EventFacts, meter: Meter) -> bytes:
    try:
        result = evaluate(expression, event_document(event), meter)
        is_too_large = meter.json_length(result, LARGEST_BODY) > LARGEST_BODY
    except OverBudget:
        raise
    except CannotEvaluate as error:
        raise CannotRender("unrenderable", f"The expression failed: {error}") from error
    if result is None:
        raise CannotRender("unrenderable", "The expression gives nothing for this event.")
    if is_too_large:
        limit = f"more than {LARGEST_BODY >> 20} MiB"
        raise CannotRender("too_large", f"The expression makes {limit} of this event.")
    try:
        return compact_json(result)
    except (TypeError, ValueError, RecursionError) as error:
        detail = f"What the expression gives is not JSON: {error}."
        raise CannotRender("unrenderable", detail) from error
