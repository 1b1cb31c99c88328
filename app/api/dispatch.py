"""Carries out the route table: one way for every request, and one shape for whatever goes wrong."""

import logging
import re
import secrets
from collections.abc import Callable, Iterable
from http import HTTPStatus

import msgspec
from flask import Flask, Response, request
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException
from werkzeug.routing import BaseConverter

from app.api import credentials, media, parameters, problems
from app.api.light import Plain
from app.api.route import NAMES, PREFIX, Answer, Call, Route
from app.domain.common.errors import CallboardError, NotFound, RateLimited, Unavailable
from app.domain.common.ids import canonical_id
from app.models.base import csrf
from app.runtime.context import runtime
from app.runtime.metrics import OTHER, count_request

log = logging.getLogger("callboard.api")

_encode = msgspec.json.Encoder().encode
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}", re.ASCII)


class Rest(BaseConverter):
    """Whatever no other rule took: empty, with slashes, with line ends."""

    part_isolating = False
    regex = r"[\s\S]*"
    weight = 10_000


def mount(app: Flask, routes: Iterable[Route]) -> None:
    """Serve `routes`. A rule takes any method, so that a wrong one is answered here."""
    by_path: dict[str, dict[str, Route]] = {}
    for route in routes:
        by_path.setdefault(route.path, {})[route.method] = route
    for path, methods in by_path.items():
        _add(app, path, f"api {path}", _view(methods))


def mount_rest(app: Flask) -> None:
    """Answer every path under PREFIX that nobody else serves with a problem. This rule has the
    least weight: what a dialect serves below an organization's id goes before it, if its rule
    takes any method as well (methods=None)."""
    app.url_map.converters["rest"] = Rest
    for path in (PREFIX, f"{PREFIX}/<rest:rest>"):
        _add(app, path, f"api {path}", _view({}))


def _add(app: Flask, path: str, endpoint: str, view: Callable[..., Response]) -> None:
    rule = app.url_rule_class(path, endpoint=endpoint, methods=None)
    rule.provide_automatic_options = False  # type: ignore[attr-defined]
    app.url_map.add(rule)
    app.view_functions[endpoint] = view
    csrf.exempt(view)


def _view(methods: dict[str, Route]) -> Callable[..., Response]:
    allowed = ", ".join(sorted({*methods, "OPTIONS", *(["HEAD"] if "GET" in methods else [])}))

    def view(**ids: str) -> Response:
        req = request._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001
        call = Call(req, _request_id(req.environ.get("HTTP_X_REQUEST_ID")), ids, {})
        method = "GET" if req.method == "HEAD" else req.method
        route = methods.get(method)
        headers: list[tuple[str, str]] = [("X-Request-Id", call.request_id)]
        try:
            if route is not None:
                answer = _carry_out(route, call, headers)
            elif methods and method == "OPTIONS":
                answer = Answer(204, headers=(("Allow", allowed),))
            elif methods:
                raise problems.wrong_method(req.method[:20], allowed)
            else:
                raise problems.no_such_path(req.path[:200])
        except Exception as error:  # noqa: BLE001  (whatever it is, the caller gets our shape)
            answer = _problem(error, call)
        count_request(method, route.path if route else OTHER, answer.status)
        return _response(answer, headers)

    return view


def _request_id(given: str | None) -> str:
    """The caller's own, when it is plain."""
    return given if given and _REQUEST_ID.fullmatch(given) else secrets.token_hex(8)


def _carry_out(route: Route, call: Call, headers: list[tuple[str, str]]) -> Answer:
    req = call.request
    if route.permission is not None:
        call.principal = credentials.principal_of(req)
        allowance = runtime().api_limiter.take(call.principal.key_id or credentials.PLATFORM)
        headers.extend(allowance.headers)
        if allowance.retry_after is not None:
            raise RateLimited(allowance.retry_after)
        credentials.check_permission(call.principal, route.permission)
        if route.permission != credentials.PLATFORM:
            call.organization_id = credentials.organization_of(
                req, call.principal, call.ids.get("organization_id")
            )
    if call.ids:
        call.ids = {name: text if name in NAMES else _id(text) for name, text in call.ids.items()}
    call.query = parameters.read(route.query, req.query_string)
    if route.writes:
        call.body = media.body_of(req, route)
    return route.handler(call)


def _id(text: str) -> str:
    found = canonical_id(text)
    if found is None:
        raise NotFound
    return found


def _problem(error: Exception, call: Call) -> Answer:
    """What the caller is told of `error`; what is our own fault is also written into the log."""
    if isinstance(error, (OperationalError, InterfaceError, PoolTimeout)):
        log.error("request %s: the database did not answer", call.request_id, exc_info=error)
        error = Unavailable("The database did not answer; nothing was changed. Try again.")
    if isinstance(error, CallboardError):
        fault = problems.of_error(error)
    elif isinstance(error, problems.ProtocolError):
        fault = error
    elif isinstance(error, HTTPException):
        status = error.code or 500
        title = HTTPStatus(status).phrase
        fault = problems.ProtocolError(status, "http", title, error.description or title)
    else:
        where = (call.request_id, call.request.method, call.request.path)
        log.error("request %s: %s %s", *where, exc_info=error)
        fault = problems.internal(call.request_id)
    body = problems.render(fault, call.request_id)
    return Answer(fault.status, body, fault.headers, problems.CONTENT_TYPE)


def _response(answer: Answer, headers: list[tuple[str, str]]) -> Response:
    document = answer.document
    headers.extend(answer.headers)
    if document is None:
        response = Plain(b"", answer.status, headers)
        # Flask puts its default on whatever has none.
        del response.headers["Content-Type"]
        return response
    body = document if isinstance(document, bytes) else _encode(document)
    headers.append(("Content-Type", answer.content_type))
    headers.append(("Content-Length", str(len(body))))
    return Plain(body, answer.status, headers)
