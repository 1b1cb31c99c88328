"""Body format custom: the result of the webhook's JMESPath expression."""

from app.domain.bodies.spec import Body, BodySpec, CannotRender
from app.domain.common.form_encoding import FORM, JSON, form
from app.domain.common.json_text import compact_json, fields_of, plain
from app.domain.events.document import event_document
from app.domain.events.event import EventFacts
from app.domain.expressions.meter import Meter
from app.domain.webhooks.filters import CannotEvaluate, OverBudget, cost_of, evaluate

MAX_BODY_BYTES = 4 << 20
# The budget outside the sandbox, including encoding the result: about a millisecond.
_CHEAP_UNITS = 10_000


def shaped(spec: BodySpec, event: EventFacts, meter: Meter | None = None) -> Body:
    """Render the expression's result, or the payload if there is no expression.

    Raises CannotRender if the expression fails, returns nothing or too much, or if a form's content
    is not an object.
    """
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
        detail = "Only an object can be sent as a form; the expression returned something else."
        raise CannotRender("unrenderable", detail) from error
    return Body(FORM, form((name, plain(bytes(value))) for name, value in fields.items()))


def shaped_cheaply(spec: BodySpec, event: EventFacts) -> Body | None:
    """Return None if only the sandbox may render the body. Raises CannotRender."""
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
        is_too_large = meter.json_length(result, MAX_BODY_BYTES) > MAX_BODY_BYTES
    except OverBudget:
        raise
    except CannotEvaluate as error:
        raise CannotRender("unrenderable", f"The expression failed: {error}") from error
    if result is None:
        raise CannotRender("unrenderable", "The expression returned nothing for this event.")
    if is_too_large:
        detail = f"The expression returned more than {MAX_BODY_BYTES >> 20} MiB."
        raise CannotRender("too_large", detail)
    try:
        return compact_json(result)
    except (TypeError, ValueError, RecursionError) as error:
        detail = f"The result of the expression is not JSON: {error}."
        raise CannotRender("unrenderable", detail) from error
