"""Traces that are kept in memory, by OpenTelemetry's own exporter."""

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from app.domain.common.trace_context import TraceContext
from app.runtime.context import Runtime
from app.runtime.tracing.otlp import exporting
from app.runtime.tracing.spans import Tracing

PRODUCER = TraceContext(0x0AF7651916CD43DD8448EB211C80319C, 0xB7AD6B7169203331, is_sampled=True)


class Traces:
    """Turn traces on for a runtime that has none yet."""

    def __init__(self, runtime: Runtime) -> None:
        self._exporter = InMemorySpanExporter()
        export = exporting(SimpleSpanProcessor(self._exporter), "callboard", "test")
        runtime.tracing = Tracing(export)

    @property
    def spans(self) -> list[ReadableSpan]:
        return list(self._exporter.get_finished_spans())

    def named(self, name: str) -> list[ReadableSpan]:
        return [span for span in self.spans if span.name == name]

    def single(self, name: str) -> ReadableSpan:
        [span] = self.named(name)
        return span


def header_of(span: ReadableSpan) -> str:
    context = span.get_span_context()
    assert context is not None
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-01"


def is_child(span: ReadableSpan, parent: ReadableSpan) -> bool:
    context = parent.get_span_context()
    assert context is not None
    assert span.context is not None
    is_same_trace = span.context.trace_id == context.trace_id
    return is_same_trace and span.parent is not None and span.parent.span_id == context.span_id
