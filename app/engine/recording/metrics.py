"""Count what a worker's results and transactions mean for its metrics."""

from collections import Counter
from collections.abc import Sequence

from app.domain.common.ids import ms_of
from app.domain.deliveries.states import SUCCEEDED
from app.engine.claims import Result
from app.runtime.metrics import deliveries as delivery_metrics


def count_results(results: Sequence[Result]) -> None:
    """After they were recorded."""
    if not results:
        return
    causes = Counter(map(_outcome_and_cause, results))
    delivery_metrics.count_attempts(causes.items())
    first: list[float] = []
    retried: list[float] = []
    for result in results:
        claim = result.claim
        # A resend starts a new run: the time since the event says nothing then.
        if result.verdict.state == SUCCEEDED and claim.run_start == 1:
            seconds = max(0, result.ended_at - ms_of(claim.delivery_id)) / 1000
            (first if claim.attempt == 1 else retried).append(seconds)
    durations = [result.outcome.total_us / 1_000_000 for result in results]
    delivery_metrics.observe_attempts(durations, first, retried)


def _outcome_and_cause(result: Result) -> tuple[str, str]:
    outcome = "succeeded" if result.verdict.state == SUCCEEDED else "failed"
    return outcome, result.verdict.cause
