"""Body formats: what is sent of an event, made from the payload's bytes as they came in."""

from collections.abc import Callable

from app.domain.bodies.custom import shaped, shaped_cheaply
from app.domain.bodies.form_callback import form_callback
from app.domain.bodies.spec import Body, BodySpec, CannotRender
from app.domain.common.clock import iso
from app.domain.common.form_encoding import JSON, QUERY_METHODS, into_query
from app.domain.common.json_text import prepend_fields, quoted
from app.domain.events.event import EventFacts

__all__ = [
    "DERIVABLE",
    "FORMATS",
    "QUERY_METHODS",
    "Body",
    "BodySpec",
    "CannotRender",
    "again",
    "into_query",
    "render",
    "render_cheaply",
    "to_keep",
]


def render(spec: BodySpec, event: EventFacts) -> Body:
    """The body of `event` in the webhook's format. CannotRender when there can be none."""
    make = _MAKERS.get(spec.format)
    if make is None:
        raise CannotRender("unrenderable", f"There is no body format {spec.format!r}.")
    try:
        return make(spec, event)
    except ValueError as error:
        raise CannotRender("unrenderable", f"The payload is not an object: {error}.") from error


def render_cheaply(spec: BodySpec, event: EventFacts) -> Body | None:
    """The same, except for an expression that is not provably cheap: None, and the sandbox has to
    render it."""
    return shaped_cheaply(spec, event) if spec.format == "custom" else render(spec, event)


def _as_it_is(_: BodySpec, event: EventFacts) -> Body:
    return Body(JSON, event.payload)


def _standard(_: BodySpec, event: EventFacts) -> Body:
    content = b'{"type":%b,"timestamp":"%b","data":%b}' % (
        quoted(event.type),
        iso(event.occurred_at).encode(),
        event.payload,
    )
    return Body(JSON, content)


def _encoding(_: BodySpec, event: EventFacts) -> Body:
    moment = iso(event.occurred_at).encode()
    head = b'"type":%b,"emitted_at":"%b"' % (quoted(event.type), moment)
    return Body(JSON, prepend_fields(head, ("type", "emitted_at"), event.payload))


def _live_channel(_: BodySpec, event: EventFacts) -> Body:
    head = b'"event":%b,"eventTime":%d' % (quoted(event.type), event.occurred_at)
    return Body(JSON, prepend_fields(head, ("event", "eventTime"), event.payload))


_MAKERS: dict[str, Callable[[BodySpec, EventFacts], Body]] = {
    "standard": _standard,
    "form_callback": form_callback,
    "live_channel": _live_channel,
    "asset": _as_it_is,
    "render": _as_it_is,
    "encoding": _encoding,
    "custom": shaped,
}

FORMATS = tuple(_MAKERS)
# Formats that follow from the event alone: the same body can be made again. The others carry what
# may have changed meanwhile, so theirs are stored with the delivery.
DERIVABLE = frozenset(FORMATS) - {"form_callback", "custom"}
_NOTE = "format:"


def to_keep(spec: BodySpec, body: Body) -> Body:
    """What to store of `body`, so that a retry sends the same although the webhook was changed:
    the body itself or, where the same can be made again, only a note of its format."""
    return Body(_NOTE + spec.format, b"") if spec.format in DERIVABLE else body


def again(kept: Body, event: EventFacts) -> Body:
    """The body of which `to_keep` made `kept`. CannotRender."""
    if not kept.content_type.startswith(_NOTE):
        return kept
    return render(BodySpec(kept.content_type.removeprefix(_NOTE)), event)
