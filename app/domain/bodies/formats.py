"""Body formats: render what is sent of an event from the payload's original bytes."""

from collections.abc import Callable

from app.domain.bodies import chat, cloudevents
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
    "into_query",
    "render",
    "render_cheaply",
    "restored",
    "storable",
]


def render(spec: BodySpec, event: EventFacts) -> Body:
    """Render the event in the webhook's format. Raises CannotRender."""
    renderer = _RENDERERS.get(spec.format)
    if renderer is None:
        raise CannotRender("unrenderable", f"Unknown body format {spec.format!r}.")
    try:
        return renderer(spec, event)
    except ValueError as error:
        raise CannotRender("unrenderable", f"The payload is not an object: {error}.") from error


def render_cheaply(spec: BodySpec, event: EventFacts) -> Body | None:
    """The same, except for an expression that is not provably cheap: None, and the sandbox has to
    render it."""
    return shaped_cheaply(spec, event) if spec.format == "custom" else render(spec, event)


def _unchanged(_: BodySpec, event: EventFacts) -> Body:
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


_RENDERERS: dict[str, Callable[[BodySpec, EventFacts], Body]] = {
    "standard": _standard,
    "form_callback": form_callback,
    "live_channel": _live_channel,
    "asset": _unchanged,
    "render": _unchanged,
    "encoding": _encoding,
    "cloudevents": cloudevents.structured,
    "cloudevents_binary": cloudevents.binary,
    "svix": _unchanged,
    "slack": chat.slack,
    "discord": chat.discord,
    "teams": chat.teams,
    "custom": shaped,
}

FORMATS = tuple(_RENDERERS)
# Formats that depend on the event alone, so the body can be rendered again. Bodies of the others
# depend on settings that may change, and are stored with the delivery.
DERIVABLE = frozenset(FORMATS) - {"form_callback", "custom"}
_NOTE = "format:"


def storable(spec: BodySpec, body: Body) -> Body:
    """Return what to store so that retries send the same body even if the webhook changes: the
    body, or only its format if the body can be rendered again."""
    return Body(_NOTE + spec.format, b"") if spec.format in DERIVABLE else body


def restored(stored: Body, event: EventFacts) -> Body:
    """Undo `storable`. Raises CannotRender."""
    if not stored.content_type.startswith(_NOTE):
        return stored
    return render(BodySpec(stored.content_type.removeprefix(_NOTE)), event)
