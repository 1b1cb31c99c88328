"""One line in the log for each attempt."""

from collections.abc import Sequence

from app.domain.common.ids import ms_of
from app.domain.deliveries.states import SUCCEEDED
from app.engine.claims import Result
from app.runtime.logs import wide


def log_attempts(results: Sequence[Result]) -> None:
    """After they were recorded."""
    for result in results:
        failed = result.verdict.state != SUCCEEDED
        if wide.attempts.admits(failed=failed):
            _write(result, failed=failed)


def _write(result: Result, *, failed: bool) -> None:
    claim, outcome, verdict = result.claim, result.outcome, result.verdict
    wide.attempts.write(
        {
            "delivery_id": claim.delivery_id,
            "event_id": claim.event_id,
            "webhook_id": claim.webhook_id,
            "organization_id": claim.organization_id,
            "attempt": claim.attempt,
            "worker_id": claim.worker_id,
            "state": verdict.state,
            "cause": verdict.cause,
            "status": outcome.status,
            "ms": outcome.total_us / 1000,
            "dns_ms": _ms(outcome.dns_us),
            "connect_ms": _ms(outcome.connect_us),
            "tls_ms": _ms(outcome.tls_us),
            "first_byte_ms": _ms(outcome.first_byte_us),
            "since_event_ms": max(0, result.ended_at - ms_of(claim.delivery_id)),
            "next_attempt_ms": verdict.wait_ms,
        },
        failed=failed,
    )


def _ms(microseconds: int | None) -> float | None:
    return None if microseconds is None else microseconds / 1000
