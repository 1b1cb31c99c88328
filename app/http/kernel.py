"""Handle one request of any API surface: a fixed order of checks, and one path for errors.

Match, authenticate, rate limit, authorize, organization, ids and query, body, handler; an error at
any step goes to the surface's renderer. Every response carries a request id and is counted.
"""

import time
from collections.abc import Mapping
from typing import Any

import msgspec

from app.domain.common.errors import RateLimited
from app.domain.common.ids import canonical_id
from app.domain.common.trace_context import HEADER
from app.http import credentials, errors, parameters
from app.http.messages import Headers, Outcome, Pending, Request, Response, Streamed, Waiting
from app.http.observing import REQUEST_ID, finished, request_id_of
from app.http.routes import Resource, Route, Surface
from app.http.tracing import RequestSpan
from app.http.waiting import wait_in_thread
from app.runtime import request_scope
from app.runtime.context import Runtime
from app.runtime.metrics.requests import OTHER

_encode_json = msgspec.json.Encoder().encode


def respond(surface: Surface, resource: Resource, request: Request, runtime: Runtime) -> Response:
    """The response, with its body encoded and all headers. Never raises."""
    exchange = Exchange(surface, resource, request, runtime)
    response = exchange.begin()
    if isinstance(response, Waiting):
        return wait_in_thread(exchange, response)
    assert isinstance(response, Response), "without a receiver nothing is pending"
    return response


class Exchange:
    """One request and its response. Responses have their body encoded and all headers.

    `begin` may be called again, in a thread, after it raised WouldWait on an event loop: the steps
    that were taken are not repeated. No other exception leaves a method.
    """

    __slots__ = (
        "_began",
        "_method",
        "_pending",
        "_route",
        "_span",
        "request",
        "resource",
        "runtime",
        "surface",
    )

    def __init__(
        self, surface: Surface, resource: Resource, request: Request, runtime: Runtime
    ) -> None:
        self.surface, self.resource, self.request = surface, resource, request
        self.runtime = runtime
        self._method = "GET" if request.method == "HEAD" else request.method
        self._route = resource.routes.get(self._method)
        self._pending: Pending | None = None
        self._began = time.perf_counter()
        request.request_id = request_id_of(request.headers.get("x-request-id"))
        tracing = runtime.tracing
        self._span = None if tracing is None else RequestSpan(tracing, request.headers.get(HEADER))

    @property
    def may_begin_on_loop(self) -> bool:
        """Whether an event loop may call `begin`: it responds at once, or raises WouldWait."""
        return self._route is None or self._route.on_loop

    def begin(self) -> Outcome:
        """Pending: call `complete` with the entry's outcome. Only with a receiver. Waiting: call
        `look`, at once and as it says, until there is a response."""
        request_scope.request_id.set(self.request.request_id)
        if self._span is not None:
            self._span.enter()
        try:
            if self._route is None:
                response = _without_route(self.resource, self.request)
            else:
                outcome = _handle(self.surface, self._route, self.request, self.runtime)
                if isinstance(outcome, Pending):
                    self._pending = outcome
                    return outcome
                if isinstance(outcome, Waiting):
                    return outcome
                response = outcome
            body = _encode(response.document)
        except Exception as error:  # noqa: BLE001 -- every error gets the surface's shape
            return self.refuse(error)
        return self._sealed(response, body)

    def complete(self, outcome: Any) -> Response:
        """outcome: of the pending entry. An error is raised by nobody, but becomes the response."""
        assert self._pending is not None
        try:
            if isinstance(outcome, BaseException):
                raise outcome
            response = self._pending.finish(outcome)
            body = _encode(response.document)
        except Exception as error:  # noqa: BLE001 -- as in `begin`
            return self.refuse(error)
        return self._sealed(response, body)

    def look(self, waiting: Waiting, *, is_late: bool = False) -> Response | None:
        """The response, if there is one by now. is_late: there must be one."""
        try:
            response = waiting.late() if is_late else waiting.look()
            if response is None:
                return None
            body = _encode(response.document)
        except Exception as error:  # noqa: BLE001 -- as in `begin`
            return self.refuse(error)
        return self._sealed(response, body)

    def refuse(self, error: Exception) -> Response:
        """The response for an error, in the surface's shape."""
        http_error = errors.from_exception(error, self.request)
        response = _error_response(self.surface, http_error)
        return self._sealed(response, _encode(response.document))

    def _sealed(self, response: Response, body: bytes | Streamed | None) -> Response:
        request = self.request
        size = len(body) if isinstance(body, bytes) else None
        headers = [(REQUEST_ID, request.request_id)]
        if request.allowance is not None:
            headers.extend(request.allowance.headers)
        self._finished(response.status, size)
        headers.extend(response.headers)
        if self._route is not None and self._route.headers:
            headers.extend(self._route.headers)
        if request.principal is not None:
            # Tenants' data, and secrets where a dialect shows them: no copy stays in a cache.
            headers.append(("Cache-Control", "no-store"))
        if body is not None:
            headers.append(("Content-Type", response.content_type))
            if size is not None:
                headers.append(("Content-Length", str(size)))
            if request.method == "HEAD":
                body = b""
        return Response(response.status, body, tuple(headers))

    def _finished(self, status: int, size: int | None) -> None:
        request = self.request
        principal = request.principal
        finished(
            self._method,
            OTHER if self._route is None else self.resource.label,
            status,
            time.perf_counter() - self._began,
            request_id=request.request_id,
            organization_id=request.organization_id,
            api_key_id=None if principal is None else principal.key_id,
            client=request.remote_address,
            size=size,
            span=self._span,
        )


def _without_route(resource: Resource, request: Request) -> Response:
    if not resource.routes:
        raise errors.no_such_path(request.path)
    if request.method == "OPTIONS":
        return Response(204, headers=(("Allow", resource.allowed),))
    raise errors.method_not_allowed(request.method, resource.allowed)


def _handle(surface: Surface, route: Route, request: Request, runtime: Runtime) -> Outcome:
    permission = route.permission
    if permission is not None:
        _admit(surface, permission, route.other_permission, request, runtime)
    if request.ids:
        request.ids = _canonical(surface, request.ids)
    if route.query is not None:
        request.query = parameters.read(route.query, request.query_string)
    if route.body is not None:
        route.body.read(request, runtime.settings)
    return route.handler(request)


def _admit(
    surface: Surface, permission: str, other: str | None, request: Request, runtime: Runtime
) -> None:
    """Authenticate, limit, authorize. May be called again."""
    principal = request.principal
    if principal is None:
        principal = credentials.authenticate(request.headers, surface.credentials)
        request.principal = principal
    credentials.check_network(principal, request.remote_address)
    if request.allowance is None:
        request.allowance = runtime.api_limiter.take(principal.key_id or credentials.PLATFORM)
    if request.allowance.retry_after is not None:
        raise RateLimited(request.allowance.retry_after)
    if other is None or not principal.allows(other):
        credentials.authorize(principal, permission)
    if permission != credentials.PLATFORM:
        request.organization_id = surface.organization(request)


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


def _encode(document: Any) -> bytes | Streamed | None:
    if document is None or isinstance(document, (bytes, Streamed)):
        return document
    return document.encode() if isinstance(document, str) else _encode_json(document)
