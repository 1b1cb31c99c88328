"""Serves a dialect: one way for every request, and its own shape for whatever goes wrong."""

import json
import re
import secrets
from collections.abc import Callable

from flask import Flask, Response, request
from werkzeug.routing import BaseConverter

from app.compat.common import credentials, faults
from app.compat.common.dialect import Answer, Call, Dialect, Route
from app.compat.common.faults import Headers
from app.domain.common.errors import RateLimited
from app.models.base import csrf
from app.runtime.context import runtime
from app.runtime.metrics import OTHER, count_request

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}", re.ASCII)
# What a rule says of a part of its path beside the name.
_CONVERTER = re.compile(r"<\w+:")
# The bucket of the platform key from the environment, the same as the native API's.
_PLATFORM = "platform"


class Other(BaseConverter):
    """Whatever no other rule took: empty, with slashes, with line ends."""

    part_isolating = False
    regex = r"[\s\S]*"
    weight = 5_000


def mount(app: Flask, dialect: Dialect) -> None:
    """Serve the dialect. A rule takes any method, so that a wrong one is answered here; where
    nothing is served, that is said without asking who is there."""
    app.url_map.converters.update({"other": Other, **dict(dialect.converters)})
    by_path: dict[str, dict[str, Route]] = {}
    for route in dialect.routes:
        by_path.setdefault(route.path, {})[route.method] = route
    for path, methods in by_path.items():
        # Both by name, as the rules for the rest would take the one with the slash.
        _add(app, (path, f"{path}/"), f"{dialect.name} {path}", _view(dialect, methods))
    for path in dialect.rest:
        _add(app, (path,), f"{dialect.name} {path}", _view(dialect, {}))


def _add(app: Flask, paths: tuple[str, ...], endpoint: str, view: Callable[..., Response]) -> None:
    for path in paths:
        rule = app.url_rule_class(path, endpoint=endpoint, methods=None, merge_slashes=False)
        rule.provide_automatic_options = False  # type: ignore[attr-defined]
        app.url_map.add(rule)
    app.view_functions[endpoint] = view
    csrf.exempt(view)


def _view(dialect: Dialect, methods: dict[str, Route]) -> Callable[..., Response]:
    allowed = ", ".join(sorted({*methods, "OPTIONS", *(["HEAD"] if "GET" in methods else [])}))

    def compat_view(**ids: str) -> Response:
        given = request.headers.get("X-Request-Id", "")
        request_id = given if _REQUEST_ID.fullmatch(given) else secrets.token_hex(8)
        headers = [("X-Request-Id", request_id)]
        method = "GET" if request.method == "HEAD" else request.method
        try:
            if method in methods:
                answer = _carry_out(dialect, methods[method], ids, headers)
            elif methods and method == "OPTIONS":
                answer = Answer(204, headers=(("Allow", allowed),))
            elif methods:
                raise faults.wrong_method(request.method, allowed)
            else:
                raise faults.no_such_path(request.path)
        except Exception as error:  # noqa: BLE001  (whatever it is, the caller gets its shape)
            answer = _refusal(dialect, error, request_id)
        route = _CONVERTER.sub("<", methods[method].path) if method in methods else OTHER
        count_request(method, route, answer.status)
        return _response(answer, headers)

    return compat_view


def _carry_out(
    dialect: Dialect, route: Route, ids: dict[str, str], headers: list[tuple[str, str]]
) -> Answer:
    principal = credentials.principal_of(request, dialect.key_headers)
    allowance = runtime().api_limiter.take(principal.key_id or _PLATFORM)
    headers.extend(allowance.headers)
    if allowance.retry_after is not None:
        raise RateLimited(allowance.retry_after)
    req = request._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001
    call = Call(req, headers[0][1], ids, principal)
    call.organization_id = dialect.organization(call)
    credentials.check_permission(principal, route.permission)
    return route.handler(call)


def _refusal(dialect: Dialect, error: Exception, request_id: str) -> Answer:
    fault = faults.fault_of(error, request_id, f"{request.method} {request.path}")
    answer = dialect.fault(fault)
    challenged: Headers = ()
    if answer.status == 401:
        challenged = tuple(("WWW-Authenticate", text) for text in dialect.challenges)
    return Answer(
        answer.status,
        answer.document,
        (*fault.headers, *answer.headers, *challenged),
        answer.content_type,
    )


def _response(answer: Answer, headers: list[tuple[str, str]]) -> Response:
    document = answer.document
    whole = [*headers, *answer.headers]
    if document is None:
        response = Response(b"", answer.status, whole)
        # Flask puts its default on whatever has none.
        del response.headers["Content-Type"]
        return response
    if not isinstance(document, bytes | str):
        document = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    return Response(document, answer.status, whole, content_type=answer.content_type)
