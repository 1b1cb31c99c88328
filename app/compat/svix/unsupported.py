"""Paths of Svix that answer 501, each with a sentence that says what to use instead."""

import re
from collections.abc import Iterator

from app.compat.svix.common.errors import not_supported
from app.http.messages import Handler, Request, Response
from app.http.routes import Route

APP = "/api/v1/app/<app_id>"
ENDPOINT = f"{APP}/endpoint/<endpoint_id>"
SCOPE = "webhooks:manage"
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")

_TRANSFORMATION = "Transformations are not supported: a webhook can have a body expression instead."
_STREAM = "Streams are not supported."
_EXPUNGE = "Only one message at a time can be expunged; the others expire."
# Whole areas of paths, below an application's and below /api/v1.
_OF_APPLICATION = {
    "autoconfig": "Autoconfig subscriptions are not supported.",
    "destination": "Destinations are not supported: endpoints are webhooks over HTTP.",
    "integration": "Integrations are not supported: create an API key for each program.",
    "poller": "Polling endpoints are not supported: messages are sent to endpoints.",
}
_AREAS = {
    "connector": "Connectors are not supported.",
    "environment": "Environments are not supported: use the API for each application.",
    "operational-webhook": (
        "Operational webhooks are not supported: endpoints can select system events by name, such"
        " as webhook.disabled."
    ),
    "stream": _STREAM,
}
_INGEST = "Ingest is not supported: events are posted by programs of your own."

# The areas as converters of paths.
PATTERNS = (
    ("svix_stream_path", r"stream(?:[-/][\s\S]*)?"),
    *(
        (name, rf"(?:{'|'.join(map(re.escape, areas))})(?:/[\s\S]*)?")
        for name, areas in (
            ("svix_area_path", _AREAS),
            ("svix_application_area_path", _OF_APPLICATION),
        )
    ),
)
# Single methods.
_SINGLE = (
    ("GET", f"{ENDPOINT}/transformation", _TRANSFORMATION),
    ("PATCH", f"{ENDPOINT}/transformation", _TRANSFORMATION),
    (
        "POST",
        f"{ENDPOINT}/bulk-replay",
        "Bulk replay is not supported: use recover, replay-missing or POST /deliveries/resend.",
    ),
    ("POST", f"{APP}/msg/bulk-expunge", _EXPUNGE),
    ("POST", f"{APP}/msg/expunge-all-contents", _EXPUNGE),
    (
        "DELETE",
        f"{APP}/msg/<msg_id>/attempt/<attempt_id>/content",
        "Attempts are not expunged alone: expunge their message.",
    ),
    (
        "POST",
        "/api/v1/event-type/import/openapi",
        "Use POST /api/v1/event-type-imports, or the page of event types.",
    ),
    (
        "POST",
        "/api/v1/auth/logout",
        "A portal link cannot be used with this API: revoke all of them with expire-all.",
    ),
)


def routes() -> Iterator[Route]:
    for method, path, sentence in _SINGLE:
        yield Route(method, path, _handler(sentence), SCOPE)
    for method in _METHODS:
        yield Route(method, "/api/v1/<svix_area_path:area>", _in_area, SCOPE)
        yield Route(method, f"{APP}/<svix_application_area_path:application_area>", _in_area, SCOPE)
        yield Route(method, "/api/v1/auth/<svix_stream_path:stream_area>", _handler(_STREAM), SCOPE)
        for path in ("/ingest/api/v1", "/ingest/api/v1/<rest:area>"):
            yield Route(method, path, _handler(_INGEST), SCOPE)


def _in_area(request: Request) -> Response:
    area = request.ids.get("application_area")
    if area is not None:
        raise not_supported(_OF_APPLICATION[area.partition("/")[0]])
    raise not_supported(_AREAS[request.ids["area"].partition("/")[0]])


def _handler(sentence: str) -> Handler:
    def respond(_: Request) -> Response:
        raise not_supported(sentence)

    return respond
