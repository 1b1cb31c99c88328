"""/api/v1/app/<app_id>/msg: a message is an event."""

import hashlib
from typing import Any

import msgspec

from app.compat.common.views import Document
from app.compat.svix import translate
from app.compat.svix.common import ids, paging
from app.compat.svix.common.errors import not_supported
from app.compat.svix.common.fields import Body
from app.domain.common import strict_json
from app.domain.common.errors import Malformed, NotFound
from app.domain.common.ids import ms_of
from app.domain.common.json_text import fields_of
from app.domain.common.strict_json import kind_of
from app.domain.event_types.patterns import selector_of
from app.domain.events.input import parse_event
from app.http.messages import Request, Response
from app.models import Event
from app.queries import webhooks as webhook_queries
from app.queries.events import listing as event_queries
from app.queries.events import turns
from app.runtime.context import runtime
from app.services.events.expunging import expunge
from app.services.events.publishing import publish

_CHANNELS = "A message has one channel at most, which is its event's source."
_NOT_CARRIED = (
    ("Tags are not supported: use a channel, or a field of the payload.", ("tags",)),
    ("Messages are sent at once; deliverAt is not supported.", ("deliverAt",)),
    (
        "Payloads are kept as long as the organization's data retention says.",
        ("payloadRetentionPeriod", "payloadRetentionHours"),
    ),
)


def create(request: Request) -> Response:
    body = request.body
    document = strict_json.read(body)
    if not isinstance(document, dict):
        raise Malformed(f"The body is {kind_of(document)}. Send a JSON object.")
    key = _key(document, request)
    native = _native(document, body, key)
    draft = parse_event(native, max_bytes=runtime().settings.max_event_bytes)
    published = publish(request.organization_id, draft)
    view = translate.MessageView(
        published.id,
        draft.type,
        draft.source,
        draft.producer_id,
        draft.payload,
        ms_of(published.id),
    )
    return Response(202, translate.message(view, with_content=_with_content(request)))


def _key(document: dict[str, Any], request: Request) -> Any:
    """The event's idempotency key: its own id, otherwise the header, which may have any
    characters."""
    if document.get("eventId") is not None:
        return document["eventId"]
    header = request.headers.get("idempotency-key")
    if not header:
        return None
    digest = hashlib.sha256(header.encode("utf-8", "surrogatepass")).hexdigest()
    return translate.KEY_PREFIX + digest


def _native(document: dict[str, Any], body: bytes, key: Any) -> bytes:
    """The event as the native API takes it; the payload keeps its bytes."""
    fields = Body(document)
    for sentence, names in _NOT_CARRIED:
        fields.refuse(sentence, *names)
    source = _source(fields)
    fields.done()
    native = {"type": document.get("eventType"), "source": source, "id": key}
    sent: dict[str, Any] = {name: value for name, value in native.items() if value is not None}
    raw = _raw_payload(document.get("transformationsParams"))
    if raw is not None:
        sent["payload"] = msgspec.Raw(raw)
    elif "payload" in document:
        sent["payload"] = fields_of(body)["payload"]
    return msgspec.json.encode(sent)


def _raw_payload(params: Any) -> bytes | None:
    """The payload as several languages' clients send every one: as text, next to an empty payload.
    None: there is none."""
    if params is None or params == {}:
        return None
    text = params.get("rawPayload") if isinstance(params, dict) else None
    if not isinstance(text, str) or not _is_json(params) or set(params) - {"rawPayload", "headers"}:
        raise not_supported("Transformations are not supported.")
    raw = text.encode()
    try:
        strict_json.read(raw)
    except Malformed:
        raise not_supported("A raw payload must be JSON.") from None
    return raw


def _is_json(params: dict[str, Any]) -> bool:
    """Whether the content type that a client can name for a raw payload is that of JSON."""
    headers = params.get("headers") or {}
    return headers in ({}, {"content-type": "application/json"})


def _source(fields: Body) -> str | None:
    channels = fields.strings("channels") or []
    if len(set(channels)) > 1:
        raise not_supported(_CHANNELS)
    return channels[0] if channels else None


def index(request: Request) -> Response:
    refuse_tag(request)
    direction, limit = paging.turn_of(request, paging.read_id(ids.MESSAGE))
    with_content = _with_content(request)
    turned = turns.page(
        request.organization_id,
        direction,
        limit,
        types=paging.names_of(request, "event_types"),
        source=request.query_fields().get("channel") or None,
        since=paging.moment_of(request, "after"),
        until=paging.moment_of(request, "before"),
        with_payloads=with_content,
    )
    documents = [document(row, with_content=with_content) for row in turned.rows]
    return Response(200, paging.page(documents, turned, ids.MESSAGE))


def show(request: Request) -> Response:
    return Response(200, document(of_path(request), with_content=_with_content(request)))


def expunge_content(request: Request) -> Response:
    expunge(request.organization_id, of_path(request).id, request.actor)
    return Response(204)


def precheck(request: Request) -> Response:
    """Whether an active endpoint would get such a message, whatever its payload."""
    body = Body(request.fields)
    type_ = body.text("eventType", required=True)
    source = _source(body)
    body.done()
    rows = webhook_queries.listed(request.organization_id, include_once=True)
    active = any(
        row.is_active
        and (row.event_types is None or selector_of(row.event_types, type_) is not None)
        and (row.sources is None or source in row.sources)
        for row in rows
    )
    return Response(200, {"active": active})


def of_path(request: Request) -> Event:
    """The event that the path names by our id or the producer's. NotFound."""
    organization_id, text = request.organization_id, request.ids["msg_id"]
    id_ = ids.read(ids.MESSAGE, text) or turns.id_of_key(organization_id, text)
    row = event_queries.get(organization_id, id_) if id_ else None
    if row is None:
        raise NotFound("Entity not found.")
    return row


def document(row: Event, *, with_content: bool) -> Document:
    view = translate.MessageView(
        row.id,
        row.type,
        row.source,
        row.producer_id,
        row.payload if with_content else None,
        row.created_at,
    )
    return translate.message(view, with_content=with_content)


def refuse_tag(request: Request) -> None:
    if request.query_fields().get("tag"):
        raise not_supported("Tags are not supported: filter by channel.")


def _with_content(request: Request) -> bool:
    return paging.flag_of(request, "with_content", default=True)
