"""Spans of accepted events."""

import time
from collections.abc import Sequence

from app.runtime.tracing.spans import Kind, Span, Tracing, Value
from app.services.events.receipts import Accepted


def trace_events(tracing: Tracing, results: Sequence[Accepted]) -> None:
    """After their commit. Events that were accepted before are left out."""
    end, clock = time.time_ns(), time.monotonic()
    for result in results:
        item = result.item
        if item is None or item.trace is None:
            continue
        attributes: dict[str, Value | None] = {
            "callboard.organization_id": item.organization_id,
            "callboard.event_id": result.published.id,
            "callboard.event_type": item.draft.type,
            "callboard.deliveries": len(result.published.deliveries),
        }
        began = end - int((clock - item.began) * 1e9)
        context, parent = item.trace.context, item.trace.parent
        tracing.finish(Span("publish", Kind.PRODUCER, context, parent, began, end, attributes))
