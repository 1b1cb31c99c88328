"""Export the catalogue as the `webhooks` of an OpenAPI document, as the import reads it."""

from typing import Any

import msgspec

from app.domain.common.version import VERSION
from app.domain.event_types.callbacks import STANDARD, in_envelope, parameters, path_item
from app.domain.event_types.names import PRODUCT_TYPES, SAMPLES, description_of
from app.domain.event_types.openapi import MAX_WEBHOOKS
from app.domain.event_types.schema_bundles import CannotBundle, moved
from app.models import EventType
from app.queries.event_types import catalogue as event_types
from app.services.event_types.imports import MAX_DOCUMENT

# Rows in memory at once, each of which can have half a mebibyte.
_AT_ONCE = 25
# For what is not a webhook.
_RESERVED = 16 << 10
_PLACE = "#/webhooks/{name}/post/requestBody/content/application~1json/schema"
_IN_ENVELOPE = "/properties/data"


def document(organization_id: str, body: str, cursor: str | None = None) -> dict[str, Any]:
    """OpenAPI 3.1 of the types after `cursor`, as many as one import takes; `x-next-cursor` is that
    of the rest, or None. body: of `callbacks.BODIES`. Encode it with msgspec. Invalid: cursor.

    Without system events, which the description of the API has.
    """
    webhooks: dict[str, Any] = {}
    size, next_cursor = _RESERVED, cursor
    while True:
        page = event_types.page(organization_id, _AT_ONCE, next_cursor, without=PRODUCT_TYPES)
        for row in page.rows:
            item = msgspec.json.encode(_described(row, body))
            size += len(item) + len(row.name)
            # One that is too large alone is not left out.
            if webhooks and (size > MAX_DOCUMENT or len(webhooks) == MAX_WEBHOOKS):
                return _document(webhooks, next_cursor)
            webhooks[row.name] = msgspec.Raw(item)
            next_cursor = event_types.cursor_after(row.name)
        if page.next_cursor is None:
            return _document(webhooks, None)


def _document(webhooks: dict[str, Any], next_cursor: str | None) -> dict[str, Any]:
    description = "What the receivers of webhooks get, by event type."
    if next_cursor is not None:
        description += " These are not all types: `x-next-cursor` leads to the others."
    return {
        "openapi": "3.1.0",
        "info": {"title": "Event types", "version": VERSION, "description": description},
        "x-next-cursor": next_cursor,
        "webhooks": webhooks,
        "components": {"parameters": parameters()},
    }


def _described(row: EventType, body: str) -> dict[str, Any]:
    is_enveloped = body == STANDARD
    media: dict[str, Any] = {}
    schema = _schema(row, _IN_ENVELOPE if is_enveloped else "")
    if is_enveloped:
        media["schema"] = in_envelope(row.name, schema)
    elif schema is not None:
        media["schema"] = schema
    example = _example(row)
    if example is not None:
        fields = {"type": row.name, "timestamp": "2026-02-24T11:52:20.810Z", "data": example}
        media["example"] = fields if is_enveloped else example
    return path_item(row.description or description_of(row.name), media)


def _schema(row: EventType, below: str) -> dict[str, Any] | None:
    if row.schema is None:
        return None
    try:
        return moved(row.schema, _PLACE.format(name=row.name) + below)
    except CannotBundle:
        # The import would refuse it as well.
        return None


def _example(row: EventType) -> Any:
    """Byte for byte, like any sample."""
    if row.sample is not None:
        return msgspec.Raw(bytes(row.sample))
    preset = SAMPLES.get(row.name)
    return None if preset is None else preset.payload
