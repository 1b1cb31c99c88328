"""Give each response of the Flask application a request id, and count and log it.

Responses of the API surfaces come with an id: the kernel has counted them.
"""

import time

from flask import Flask, Response, request

from app.domain.common.trace_context import HEADER
from app.http.observing import REQUEST_ID, finished, request_id_of
from app.http.tracing import RequestSpan
from app.runtime import request_scope
from app.runtime.context import runtime
from app.runtime.metrics.requests import OTHER

_BEGAN, _ID, _SPAN = "callboard.began", "callboard.request_id", "callboard.span"


def register(app: Flask) -> None:
    """Call it before other functions are registered: the first one's is the outermost."""
    app.before_request(_begin)
    app.after_request(_end)


def request_id() -> str:
    """Of the page that is being handled."""
    known: str = request.environ[_ID]
    return known


def _begin() -> None:
    environ = request.environ
    environ[_BEGAN] = time.perf_counter()
    environ[_ID] = request_id_of(request.headers.get(REQUEST_ID))
    request_scope.request_id.set(environ[_ID])
    tracing = runtime().tracing
    environ[_SPAN] = None
    if tracing is not None:
        environ[_SPAN] = RequestSpan(tracing, request.headers.get(HEADER))
        environ[_SPAN].enter()


def _end(response: Response) -> Response:
    if REQUEST_ID in response.headers:
        return response
    environ = request.environ
    if _ID not in environ:
        _begin()
    response.headers[REQUEST_ID] = environ[_ID]
    finished(
        "GET" if request.method == "HEAD" else request.method,
        OTHER if request.url_rule is None else request.url_rule.rule,
        response.status_code,
        time.perf_counter() - environ[_BEGAN],
        request_id=environ[_ID],
        client=request.remote_addr,
        size=response.content_length,
        span=environ[_SPAN],
    )
    return response
