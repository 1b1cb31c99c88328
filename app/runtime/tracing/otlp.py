"""Export spans to a collector over OTLP/HTTP, from a thread of its own.

Nothing waits for the collector: while it is away spans are dropped.
"""

import atexit
import os
import socket
import threading
from collections.abc import Callable

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import SpanContext, SpanKind, Status, StatusCode, TraceFlags

from app.domain.common.trace_context import TraceContext
from app.domain.common.version import VERSION
from app.runtime.configuration.otlp import OtlpSettings
from app.runtime.tracing.spans import Span, Tracing

# Spans in memory, about 2 KB each; more are dropped.
_QUEUED, _BATCH, _EVERY_MS = 4096, 512, 1000
_TIMEOUT_SECONDS = 5.0
# How long the end of a process may wait for its last spans.
_CLOSE_SECONDS = 2.0
_SCOPE = InstrumentationScope("callboard", VERSION)


def tracing_to(settings: OtlpSettings, process: str) -> Tracing:
    """process: web or worker. Starts the thread."""
    exporter = OTLPSpanExporter(
        endpoint=settings.traces_url, headers=settings.headers, timeout=_TIMEOUT_SECONDS
    )
    processor = BatchSpanProcessor(
        exporter,
        max_queue_size=_QUEUED,
        schedule_delay_millis=_EVERY_MS,
        max_export_batch_size=_BATCH,
    )
    atexit.register(_close, processor)
    return Tracing(exporting(processor, settings.service_name, process), settings.ratio)


def exporting(processor: SpanProcessor, service_name: str, process: str) -> Callable[[Span], None]:
    """A function that hands spans to any processor of OpenTelemetry."""
    resource = Resource.create(
        {
            "service.name": service_name,
            "service.version": VERSION,
            "service.instance.id": f"{socket.gethostname()}:{os.getpid()}",
            "callboard.process": process,
        }
    )

    def export(span: Span) -> None:
        processor.on_end(_readable(span, resource))

    return export


def _close(processor: SpanProcessor) -> None:
    # The processor's own deadline is half a minute, all of it used if the collector is away.
    thread = threading.Thread(target=processor.shutdown, daemon=True)
    thread.start()
    thread.join(_CLOSE_SECONDS)


def _readable(span: Span, resource: Resource) -> ReadableSpan:
    status = Status() if span.error is None else Status(StatusCode.ERROR, span.error)
    return ReadableSpan(
        span.name,
        context=_context(span.context),
        parent=None if span.parent is None else _context(span.parent),
        resource=resource,
        attributes={name: value for name, value in span.attributes.items() if value is not None},
        kind=SpanKind[span.kind.value],
        status=status,
        start_time=span.begin,
        # The clock may have been set back meanwhile.
        end_time=max(span.begin, span.end),
        instrumentation_scope=_SCOPE,
    )


def _context(context: TraceContext) -> SpanContext:
    flags = TraceFlags(TraceFlags.SAMPLED if context.is_sampled else TraceFlags.DEFAULT)
    return SpanContext(context.trace_id, context.span_id, is_remote=False, trace_flags=flags)
