"""Handle one request of any API surface: a fixed order of checks, and one path for errors.

Match, authenticate, rate limit, authorize, organization, ids and query, body, handler; an error at
any step goes to the surface's renderer. Every response carries a request id and is counted.
"""

import re
import secrets
from collections.abc import Mapping
from typing import Any

import msgspec

from app.domain.common.errors import RateLimited
from app.domain.common.ids import canonical_id
from app.http import credentials, errors, parameters
from app.http.messages import Headers, Request, Response
from app.http.routes import Resource, Route, Surface
from app.runtime.context import Runtime
from app.runtime.metrics import OTHER, count_request

_encode_json = msgspec.json.Encoder().encode
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}", re.ASCII)


def respond(surface: Surface, resource: Resource, request: Request, runtime: Runtime) -> Response:
    """The response, with its body encoded and all headers. Never raises."""
    headers = [("X-Request-Id", _request_id(request))]
    method = "GET" if request.method == "HEAD" else request.method
    route = resource.routes.get(method)
    try:
        if route is not None:
            response = _handle(surface, route, request, headers, runtime)
        else:
            response = _without_route(resource, request)
        body = _encode(response.document)
    except Exception as error:  # noqa: BLE001 -- the client gets every error in the surface's shape
        response = _error_response(surface, errors.from_exception(error, request))
        body = _encode(response.document)
    count_request(method, OTHER if route is None else resource.label, response.status)
    headers.extend(response.headers)
    if request.principal is not None:
        # Tenants' data, and secrets where a dialect shows them: no copy stays in a cache.
        headers.append(("Cache-Control", "no-store"))
    if body is not None:
        headers.append(("Content-Type", response.content_type))
        headers.append(("Content-Length", str(len(body))))
        if request.method == "HEAD":
            body = b""
    return Response(response.status, body, tuple(headers))


def _request_id(request: Request) -> str:
    """The client's own where it is plain, otherwise a new one."""
    own = request.headers.get("x-request-id")
    request.request_id = own if own and _REQUEST_ID.fullmatch(own) else secrets.token_hex(8)
    return request.request_id


def _without_route(resource: Resource, request: Request) -> Response:
    if not resource.routes:
        raise errors.no_such_path(request.path)
    if request.method == "OPTIONS":
        return Response(204, headers=(("Allow", resource.allowed),))
    raise errors.method_not_allowed(request.method, resource.allowed)


def _handle(
    surface: Surface,
    route: Route,
    request: Request,
    headers: list[tuple[str, str]],
    runtime: Runtime,
) -> Response:
    permission = route.permission
    if permission is not None:
        principal = credentials.authenticate(request.headers, surface.credentials)
        request.principal = principal
        credentials.check_network(principal, request.remote_address)
        allowance = runtime.api_limiter.take(principal.key_id or credentials.PLATFORM)
        headers.extend(allowance.headers)
        if allowance.retry_after is not None:
            raise RateLimited(allowance.retry_after)
        credentials.authorize(principal, permission)
        if permission != credentials.PLATFORM:
            request.organization_id = surface.organization(request)
    if request.ids:
        request.ids = _canonical(surface, request.ids)
    if route.query is not None:
        request.query = parameters.read(route.query, request.query_string)
    if route.body is not None:
        route.body.read(request, runtime.settings)
    return route.handler(request)


def _canonical(surface: Surface, ids: Mapping[str, str]) -> dict[str, str]:
    canonical: dict[str, str] = {}
    for name, text in ids.items():
        value = text if name in surface.text_ids else canonical_id(text)
        if value is None:
            raise surface.invalid_id()
        canonical[name] = value
    return canonical


def _error_response(surface: Surface, error: errors.HttpError) -> Response:
    response = surface.render_error(error)
    challenges: Headers = ()
    if response.status == 401:
        challenges = tuple(("WWW-Authenticate", value) for value in surface.challenges)
    return Response(
        response.status,
        response.document,
        (*error.headers, *response.headers, *challenges),
        response.content_type,
    )


def _encode(document: Any) -> bytes | None:
    if document is None or isinstance(document, bytes):
        return document
    return document.encode() if isinstance(document, str) else _encode_json(document)
