"""Body formats cloudevents and cloudevents_binary: CloudEvents 1.0.2 over HTTP, with the attributes
around the payload (structured mode) or in headers beside it (binary mode)."""

from urllib.parse import quote

from app.domain.bodies.spec import Body, BodySpec
from app.domain.common.clock import iso
from app.domain.common.form_encoding import JSON
from app.domain.common.json_text import quoted
from app.domain.events.event import EventFacts

STRUCTURED = "application/cloudevents+json"
# A CloudEvent must have a source.
DEFAULT_SOURCE = "callboard"

# What a URI reference may contain besides letters and digits. A number sign would begin a fragment.
_URI_CHARACTERS = "!$&'()*+,-./:;=?@_~"


def structured(_: BodySpec, event: EventFacts) -> Body:
    content = (
        b'{"specversion":"1.0","id":%b,"source":%b,"type":%b,"time":"%b",'
        b'"datacontenttype":"application/json","data":%b}'
    ) % (
        quoted(event.id),
        quoted(source_of(event)),
        quoted(event.type),
        iso(event.occurred_at).encode(),
        event.payload,
    )
    return Body(STRUCTURED, content)


def binary(_: BodySpec, event: EventFacts) -> Body:
    headers = (
        ("ce-specversion", "1.0"),
        ("ce-id", event.id),
        # Receivers decode percent-encoding in these headers.
        ("ce-source", source_of(event).replace("%", "%25")),
        ("ce-type", event.type),
        ("ce-time", iso(event.occurred_at)),
    )
    return Body(JSON, event.payload, headers)


def source_of(event: EventFacts) -> str:
    """Return the event's source as a URI reference: other characters are percent-encoded."""
    return quote(event.source or DEFAULT_SOURCE, safe=_URI_CHARACTERS)
