"""The request that this thread or task is handling."""

from contextvars import ContextVar

from app.domain.common.trace_context import TraceContext

# "" outside of requests.
request_id: ContextVar[str] = ContextVar("request_id", default="")
# Of the request's span; None outside of requests and while traces are off.
trace: ContextVar[TraceContext | None] = ContextVar("trace", default=None)
