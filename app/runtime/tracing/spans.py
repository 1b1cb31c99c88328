"""Spans of requests, events, deliveries and attempts.

A span is made when it has ended, from what is recorded anyway. Only its id is chosen before, so
that it can be stored with the event and sent to the receiver. OpenTelemetry's exporter is not
imported here: processes without traces do not load it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum

from app.domain.common.trace_context import TraceContext, is_in_ratio
from app.runtime.tracing.ids import new_span_id, new_trace_id

Value = str | int | float | bool


class Kind(Enum):
    """Names as OpenTelemetry has them."""

    SERVER = "SERVER"
    PRODUCER = "PRODUCER"
    INTERNAL = "INTERNAL"
    CLIENT = "CLIENT"


@dataclass(frozen=True, slots=True)
class Span:
    """begin, end: nanoseconds since the epoch. attributes: those that are None are left out.
    error: why what it is about failed."""

    name: str
    kind: Kind
    context: TraceContext
    parent: TraceContext | None
    begin: int
    end: int
    attributes: Mapping[str, Value | None]
    error: str | None = None


class Tracing:
    """export: takes a span that has ended; must not wait. ratio: of the traces that begin here, how
    many are exported. A producer's trace is exported if the producer has sampled it."""

    def __init__(self, export: Callable[[Span], None], ratio: float = 1.0) -> None:
        self._export, self._ratio = export, ratio

    def context(self, parent: TraceContext | None) -> TraceContext:
        """The context of a new span: in the parent's trace, or in a new one."""
        if parent is not None:
            return parent.child(new_span_id())
        trace_id = new_trace_id()
        return TraceContext(trace_id, new_span_id(), is_in_ratio(trace_id, self._ratio))

    def finish(self, span: Span) -> None:
        if span.context.is_sampled:
            self._export(span)
