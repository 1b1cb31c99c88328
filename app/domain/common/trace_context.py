"""Where a request belongs in a trace: W3C Trace Context, the header `traceparent`."""

import hashlib
import re
from dataclasses import dataclass

HEADER = "traceparent"
# Version, trace id, parent's span id, flags; versions after 00 may add more.
_HEADER = re.compile(r"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?", re.ASCII)
_SAMPLED = 1
_MAX_HEADER = 256


@dataclass(frozen=True, slots=True)
class TraceContext:
    """trace_id: 128 bits. span_id: 64 bits, of the span that is the parent of what follows.
    is_sampled: whether spans of this trace are exported."""

    trace_id: int
    span_id: int
    is_sampled: bool

    @property
    def header(self) -> str:
        return f"00-{self.trace_id:032x}-{self.span_id:016x}-{self.is_sampled:02x}"

    def child(self, span_id: int) -> "TraceContext":
        return TraceContext(self.trace_id, span_id, self.is_sampled)


def parse_traceparent(header: str | None) -> TraceContext | None:
    """None if there is no header, or if it is invalid: the standard says to ignore it then."""
    if not header or len(header) > _MAX_HEADER:
        return None
    match = _HEADER.fullmatch(header.strip(" \t"))
    if match is None:
        return None
    version, trace_id, span_id, flags, more = match.groups()
    if version == "ff" or (version == "00" and more is not None):
        return None
    context = TraceContext(int(trace_id, 16), int(span_id, 16), bool(int(flags, 16) & _SAMPLED))
    return context if context.trace_id and context.span_id else None


def is_in_ratio(trace_id: int, ratio: float) -> bool:
    """Whether a trace that begins here is sampled: the same for all who know its id, by the rule
    of OpenTelemetry's TraceIdRatioBased."""
    return trace_id & (2**64 - 1) < round(ratio * 2**64)


def delivery_span_id(delivery_id: str, run_start: int) -> int:
    """The id of a delivery's span, which workers compute alike: attempts name their parent hours
    before its end is known. run_start: the first attempt of the run; each resend is a span."""
    digest = hashlib.sha256(f"{delivery_id} {run_start}".encode()).digest()
    return int.from_bytes(digest[:8], "big") or 1
