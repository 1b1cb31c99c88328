"""The request that this thread or task is handling."""

from contextvars import ContextVar

# "" outside of requests.
request_id: ContextVar[str] = ContextVar("request_id", default="")
