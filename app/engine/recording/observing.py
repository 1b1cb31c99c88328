"""Tell metrics, log and traces of attempts."""

from collections.abc import Sequence

from app.engine.claims import Result
from app.engine.recording.attempt_log import log_attempts
from app.engine.recording.metrics import count_results
from app.engine.recording.traces import trace_attempts
from app.runtime.tracing.spans import Tracing


def observe(results: Sequence[Result], tracing: Tracing | None) -> None:
    """After they were recorded. tracing: None while traces are off."""
    count_results(results)
    log_attempts(results)
    if tracing is not None:
        trace_attempts(tracing, results)
