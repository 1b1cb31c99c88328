"""The catalogue of an organization's event types."""

from collections.abc import Mapping
from typing import Any, Literal, cast

from callboard.models import EventType, EventTypeImport, ListedEventType
from callboard.paging import Pages
from callboard.resources.base import Resource
from callboard.transport import path_of


class EventTypes(Resource):
    def list(self, *, q: str | None = None) -> Pages[ListedEventType]:
        """In alphabetical order. q: text in the name or the description."""
        return Pages(self._transport, "/event-types", {"q": q})

    def get(self, name: str) -> EventType:
        return cast("EventType", self._transport.get(path_of("event-types", name)))

    def put(
        self,
        name: str,
        *,
        description: str = "",
        sample: Mapping[str, Any] | None = None,
        schema: Mapping[str, Any] | None = None,
        schema_check: Literal["off", "warn", "reject"] | None = None,
    ) -> EventType:
        """Add it, or replace its whole description. schema_check: accept posted events that do not
        match the schema, accept and mark them, or reject them."""
        document: dict[str, Any] = {
            "description": description,
            "sample": sample,
            "schema": schema,
        }
        if schema_check is not None:
            document["schema_check"] = schema_check
        return cast(
            "EventType", self._transport.request("PUT", path_of("event-types", name), document)
        )

    def delete(self, name: str) -> None:
        """Its next event adds it again."""
        self._transport.request("DELETE", path_of("event-types", name))

    def export(self, *, body: str = "payload") -> dict[str, Any]:
        """All types as the `webhooks` of an OpenAPI 3.1 document, which `import_openapi` reads.
        body: `payload`, or `standard` for the whole body of a webhook of that preset."""
        document: dict[str, Any] | None = None
        cursor: str | None = None
        while document is None or cursor is not None:
            query = {"body": body, "cursor": cursor}
            page = self._transport.request("GET", "/event-types.openapi.json", query=query)
            cursor = page.pop("x-next-cursor", None)
            if document is None:
                document = page
            else:
                document["webhooks"] |= page["webhooks"]
        return document

    def import_openapi(
        self, document: Mapping[str, Any] | str, *, dry_run: bool = False
    ) -> EventTypeImport:
        """From the `webhooks` of an OpenAPI 3 document; as text it may be YAML."""
        body = {"document": document, "dry_run": dry_run}
        # Importing the same document twice changes nothing the second time.
        response = self._transport.request("POST", "/event-type-imports", body, repeatable=True)
        return cast("EventTypeImport", response)
