"""The span of a request."""

import time
from collections.abc import Mapping

from app.domain.common.trace_context import parse_traceparent
from app.runtime import request_scope
from app.runtime.tracing.spans import Kind, Span, Tracing, Value


class RequestSpan:
    """traceparent: the header of the request, which continues the client's trace."""

    __slots__ = ("_parent", "_tracing", "context")

    def __init__(self, tracing: Tracing, traceparent: str | None) -> None:
        self._tracing = tracing
        self._parent = parse_traceparent(traceparent)
        self.context = tracing.context(self._parent)

    def enter(self) -> None:
        """What this thread or task does next belongs to the request."""
        request_scope.trace.set(self.context)

    def end(
        self, method: str, route: str, status: int, seconds: float, more: Mapping[str, Value | None]
    ) -> None:
        end = time.time_ns()
        attributes: dict[str, Value | None] = {
            "http.request.method": method,
            "http.route": route,
            "http.response.status_code": status,
            **more,
        }
        begin = end - int(seconds * 1e9)
        error = str(status) if status >= 500 else None
        context, parent = self.context, self._parent
        self._tracing.finish(
            Span(f"{method} {route}", Kind.SERVER, context, parent, begin, end, attributes, error)
        )
