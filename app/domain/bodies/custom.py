"""The body format `custom`: shaped by the webhook's own JMESPath expression."""

from typing import Any

from app.domain.bodies.spec import Body, BodySpec, CannotRender
from app.domain.common.form_encoding import FORM, JSON, form
from app.domain.common.json_text import fields_of, plain, written
from app.domain.events.document import event_document
from app.domain.events.event import EventFacts
from app.domain.webhooks.filters import CannotEvaluate, evaluate

LARGEST_BODY = 4 << 20


def shaped(spec: BodySpec, event: EventFacts) -> Body:
    """Without an expression, the payload: as it is, or its top-level fields as a form.
    CannotRender when the expression fails, or gives nothing or too much, or a form no object."""
    content = event.payload if spec.expression is None else _made(spec.expression, event)
    if spec.encoding != "form":
        return Body(JSON, content)
    try:
        fields = fields_of(content)
    except ValueError as error:
        detail = "Only an object can be sent as a form, and the expression gave none."
        raise CannotRender("unrenderable", detail) from error
    return Body(FORM, form((name, plain(bytes(value))) for name, value in fields.items()))


def _made(expression: str, event: EventFacts) -> bytes:
    try:
        result = evaluate(expression, event_document(event))
    except CannotEvaluate as error:
        raise CannotRender("unrenderable", f"The expression failed: {error}") from error
    if result is None:
        raise CannotRender("unrenderable", "The expression gives nothing for this event.")
    if _exceeds(result, LARGEST_BODY):
        limit = f"more than {LARGEST_BODY >> 20} MiB"
        raise CannotRender("too_large", f"The expression makes {limit} of this event.")
    try:
        return written(result)
    except (TypeError, ValueError) as error:
        detail = f"What the expression gives is not JSON: {error}."
        raise CannotRender("unrenderable", detail) from error


def _exceeds(value: Any, most: int) -> bool:
    """Whether the JSON of `value` is surely longer than is good; looks no further than that, since
    an expression can repeat its input many times at no cost to itself."""
    waiting, size = [value], 0
    while waiting and size <= most:
        item = waiting.pop()
        size += 8
        if isinstance(item, dict):
            size += sum(map(len, item))
            waiting.extend(item.values())
        elif isinstance(item, list):
            waiting.extend(item)
        elif isinstance(item, str):
            size += len(item)
    return size > most
