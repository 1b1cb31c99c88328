"""The URLs of listeners: deliveries for them are sent here, and wait for their response."""

from dataclasses import dataclass

from app.domain.listeners.passing import content_type_of, for_listener, for_sender
from app.domain.listeners.urls import HEADER, PATH
from app.http.errors import HttpError
from app.http.messages import Request, Response, Waiting
from app.http.routes import Route, Surface
from app.models.common.base import db
from app.runtime.configuration.settings import Settings
from app.runtime.relaying.relay import RESPONSE_SECONDS, response_topic
from app.services.listeners import relaying

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_TEXT = "text/plain; charset=utf-8"
_LATE = "The listener did not respond in time. Does `callboard listen` still run?\n"


@dataclass(frozen=True, slots=True)
class AnyBody:
    """Bytes of any type: what a webhook's body format makes of the largest event."""

    def limit(self, settings: Settings) -> int:
        return 2 * settings.max_event_bytes + (64 << 10)

    def read(self, request: Request, settings: Settings) -> None:
        request.body = request.read_body(self.limit(settings))


def relay(request: Request) -> Waiting:
    listener = relaying.admit(request.ids["listener_id"], request.headers.get(HEADER.lower()))
    offer = relaying.Offer(
        listener,
        request.method,
        request.query_string.decode("latin-1"),
        for_listener(request.headers.items()),
        request.body,
    )
    # No connection to the database is occupied meanwhile.
    db.session.remove()

    def look() -> Response | None:
        local = offer.response()
        if local is None:
            return None
        content_type = content_type_of(local.headers)
        headers = tuple(for_sender(local.headers))
        return Response(local.status, local.body, headers, content_type)

    def late() -> Response:
        offer.withdraw()
        return Response(504, _LATE, content_type=_TEXT)

    return Waiting(response_topic(offer.id), RESPONSE_SECONDS, look, late, offer.close)


def _render_error(error: HttpError) -> Response:
    return Response(error.status, f"{error.detail}\n", content_type=_TEXT)


SURFACE = Surface(
    name="listeners",
    routes=tuple(
        Route(method, f"{PATH}<listener_id>", relay, body=AnyBody()) for method in METHODS
    ),
    unmatched=(),
    render_error=_render_error,
)
