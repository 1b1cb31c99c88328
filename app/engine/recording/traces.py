"""Spans of attempts and deliveries, and the header by which a receiver continues their trace."""

from collections.abc import Sequence
from urllib.parse import urlsplit

import msgspec

from app.domain.common.ids import ms_of
from app.domain.common.trace_context import (
    HEADER,
    TraceContext,
    delivery_span_id,
    parse_traceparent,
)
from app.domain.deliveries.composing import Composed
from app.domain.deliveries.states import SUCCEEDED
from app.domain.events.event import TracedEvent
from app.engine.claims import Claim, Result
from app.runtime.tracing.ids import new_span_id
from app.runtime.tracing.spans import Kind, Span, Tracing, Value


def begin_attempt(claim: Claim) -> None:
    """Give the attempt a span, if its event has one."""
    delivery = _delivery(claim)
    claim.trace = None if delivery is None else delivery.child(new_span_id())


def with_header(composed: Composed, trace: TraceContext) -> Composed:
    """The request with the header, unless the webhook has a header of its own by that name."""
    if any(name.lower() == HEADER for name, _ in composed.headers):
        return composed
    return msgspec.structs.replace(composed, headers=[*composed.headers, (HEADER, trace.header)])


def trace_attempts(tracing: Tracing, results: Sequence[Result]) -> None:
    """After they were recorded."""
    for result in results:
        delivery = _delivery(result.claim)
        if delivery is not None and delivery.is_sampled:
            _trace(tracing, result, delivery)


def _delivery(claim: Claim) -> TraceContext | None:
    event = claim.event
    parent = parse_traceparent(event.traceparent) if isinstance(event, TracedEvent) else None
    if parent is None:
        return None
    return parent.child(delivery_span_id(claim.delivery_id, claim.run_start))


def _trace(tracing: Tracing, result: Result, delivery: TraceContext) -> None:
    claim, outcome = result.claim, result.outcome
    begin = outcome.started_at * 1_000_000
    attempt = Span(
        claim.webhook.facts.method,
        Kind.CLIENT,
        claim.trace or delivery.child(new_span_id()),
        delivery,
        begin,
        begin + outcome.total_us * 1000,
        _attributes_of_attempt(result),
        _error(result),
    )
    tracing.finish(attempt)
    if claim.run_start > 1 and claim.attempt == claim.run_start:
        # A resend's span is that of its first attempt: only its worker knows when it began.
        tracing.finish(_delivery_span(result, delivery, "resend", attempt.begin, attempt.end))
    elif claim.run_start == 1 and result.verdict.wait_ms is None:
        # A delivery's id has the time of its creation.
        created_at = ms_of(claim.delivery_id) * 1_000_000
        tracing.finish(_delivery_span(result, delivery, "deliver", created_at, attempt.end))


def _delivery_span(result: Result, context: TraceContext, name: str, begin: int, end: int) -> Span:
    claim = result.claim
    assert isinstance(claim.event, TracedEvent)
    parent = parse_traceparent(claim.event.traceparent)
    attributes: dict[str, Value | None] = {
        **_ids(claim),
        "callboard.event_type": claim.event.type,
        "callboard.attempts": claim.attempt,
        "callboard.state": result.verdict.state,
    }
    return Span(name, Kind.INTERNAL, context, parent, begin, end, attributes, _error(result))


def _attributes_of_attempt(result: Result) -> dict[str, Value | None]:
    claim, outcome = result.claim, result.outcome
    parts = urlsplit(result.url)
    return {
        **_ids(claim),
        "callboard.attempt": claim.attempt,
        "callboard.worker_id": claim.worker_id,
        "http.request.method": claim.webhook.facts.method,
        # Without path and query, which may hold a credential.
        "server.address": parts.hostname,
        "server.port": parts.port,
        "network.peer.address": outcome.remote_address,
        "http.response.status_code": outcome.status,
        "http.request.resend_count": (claim.attempt - claim.run_start) or None,
        "error.type": _error(result),
        "callboard.dns_us": outcome.dns_us,
        "callboard.connect_us": outcome.connect_us,
        "callboard.tls_us": outcome.tls_us,
        "callboard.first_byte_us": outcome.first_byte_us,
        "callboard.next_attempt_ms": result.verdict.wait_ms,
    }


def _ids(claim: Claim) -> dict[str, Value | None]:
    return {
        "callboard.organization_id": claim.organization_id,
        "callboard.event_id": claim.event_id,
        "callboard.webhook_id": claim.webhook_id,
        "callboard.delivery_id": claim.delivery_id,
    }


def _error(result: Result) -> str | None:
    return None if result.verdict.state == SUCCEEDED else result.verdict.cause
