"""What a route of the native API declares besides the kernel's part: its OpenAPI description."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.api.common.deprecation import Deprecation
from app.http.bodies import NoBody
from app.http.parameters import Parameter, integer, moment, payload_value, text
from app.http.routes import Route

PREFIX = "/api/v1"
# Variable parts of paths that are names, numbers or uids; all others are ids.
TEXT_IDS = frozenset({"event_type", "number", "webhook_id"})

# Query parameters that all lists share.
LIMIT = integer("limit", 1, 200, "Maximum number of entries.", 50)
CURSOR = text("cursor", "`next_cursor` of the previous page.")
SINCE = moment("since", "Created at or after this time.")
UNTIL = moment("until", "Created before this time.")
VALUE = payload_value(
    "value",
    "A value in the top two levels of the payload that looks like an ID, such as an asset's: whole,"
    " in any case. Deliveries are those of the newest 200 events that have it, or of fewer if"
    " their payloads are large.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiRoute(Route):
    """operation: its name for generated clients: a verb, and what it is done to, as in
    `createWebhook`. It never changes. responses: the schema by status. errors: statuses besides
    those of every such route.
    request_headers: headers that it reads besides those that all routes read. media_types: of its
    successful responses. deprecation: its headers go with every response.
    A writing route without a body rule requires an empty body."""

    query: tuple[Parameter, ...] = ()
    operation: str
    summary: str
    tag: str
    responses: Mapping[int, Any]
    errors: tuple[int, ...] = ()
    request_headers: tuple[str, ...] = ()
    media_types: tuple[str, ...] = ("application/json",)
    deprecation: Deprecation | None = None

    def __post_init__(self) -> None:
        if self.deprecation is not None:
            object.__setattr__(self, "headers", self.deprecation.headers)
        if self.writes and self.body is None:
            object.__setattr__(self, "body", NoBody())
