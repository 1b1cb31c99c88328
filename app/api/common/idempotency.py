"""Idempotency-Key on every POST: a repeat gets the response of the first request."""

from collections.abc import Callable
from dataclasses import replace

import msgspec

from app.api.common.routes import ApiRoute
from app.domain.common.errors import invalid
from app.domain.common.names import PRODUCER_ID_REMEDY, is_producer_id
from app.http.messages import Headers, Outcome, Request, Response
from app.services.idempotency.requests import Key, once

HEADER = "Idempotency-Key"
REPEATED = (("Idempotent-Replayed", "true"),)


class Kept(msgspec.Struct, frozen=True):
    """A response as it is stored."""

    status: int
    body: bytes | None
    headers: Headers
    content_type: str


def with_key(route: ApiRoute) -> ApiRoute:
    """The same route, which also reads the header if it is a POST without keys of its own."""
    if route.method != "POST" or HEADER in route.request_headers:
        return route
    return replace(
        route,
        handler=_once(route.handler),
        request_headers=(*route.request_headers, HEADER),
        errors=tuple(sorted({*route.errors, 409})),
    )


def _once(handler: Callable[[Request], Outcome]) -> Callable[[Request], Response]:
    def handle(request: Request) -> Response:
        name = request.headers.get(HEADER.lower())
        if name is None:
            return _response(handler(request))
        if not is_producer_id(name):
            raise invalid(HEADER, "id", "Invalid idempotency key.", PRODUCER_ID_REMEDY)
        text, is_repeated = once(_key(request, name), lambda: _stored(_response(handler(request))))
        kept = msgspec.json.decode(text, type=Kept)
        headers = (*kept.headers, *(REPEATED if is_repeated else ()))
        return Response(kept.status, kept.body, headers, kept.content_type)

    return handle


def _key(request: Request, name: str) -> Key:
    assert request.principal is not None, "every POST needs credentials"
    scope = (request.method, request.path, request.organization_id)
    sent = request.query_string + b"\n" + request.body
    return Key(request.principal.key_id, scope, name, sent)


def _response(response: Outcome) -> Response:
    assert isinstance(response, Response), "only events are pending"
    return response


def _stored(response: Response) -> str:
    document = response.document
    body = document if document is None else msgspec.json.encode(document)
    kept = Kept(response.status, body, response.headers, response.content_type)
    return msgspec.json.encode(kept).decode()
