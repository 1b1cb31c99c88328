"""Update a webhook's health from results: throttling window, failing since, notices."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from app.domain.deliveries.causes import explain
from app.domain.deliveries.states import SUCCEEDED
from app.domain.deliveries.verdicts import LONGEST_FAILING_MS, WORTH_TELLING_MS
from app.domain.webhooks.failing import CONSECUTIVE
from app.domain.webhooks.throttling import is_overload, next_window
from app.engine.claims import Result
from app.engine.due_queue.statements import State


@dataclass(slots=True)
class Change:
    """notices: rows of the table. disabled_reason: why the webhook must be disabled, or None."""

    webhook_id: str
    notices: list[dict[str, object]] = field(default_factory=list)
    disabled_reason: str | None = None


def apply_results(
    state: State, results: Sequence[Result], valid_ids: Collection[int], now: int
) -> Change:
    """Modify `state` by the results of its webhook, which are in the order in which they ended.

    valid_ids: due ids of the claims that were still valid. The others were cancelled, and
    cancelling has already lowered `in_flight` for them.
    """
    change = Change(state.webhook_id)
    counted = [result for result in results if result.claim.due_id in valid_ids]
    if not counted:
        return change
    before = state.in_flight
    state.in_flight = max(0, before - len(counted))
    facts = counted[0].claim.webhook.facts
    successes = sum(result.verdict.state == SUCCEEDED for result in counted)
    overloads = sum(is_overload(r.verdict.cause, r.outcome.status) for r in counted)
    state.window = next_window(state.window, facts.max_in_flight, before, successes, overloads)
    for result in counted:
        _record_times(state, result)
    if facts.kind == "webhook":
        _judge(state, counted, change, now)
    return change


def _record_times(state: State, result: Result) -> None:
    at = result.ended_at
    if result.verdict.state == SUCCEEDED:
        state.last_success_at = at
        # A failure that ended later may have been recorded first, by another worker.
        if at >= (state.last_failure_at or 0):
            state.failing_since = None
            state.consecutive_failures = 0
    else:
        state.last_failure_at = at
        state.last_failure_cause = result.verdict.cause
        if state.failing_since is None:
            state.failing_since = at
            state.consecutive_failures = 0
        state.consecutive_failures += 1


def _judge(state: State, results: Sequence[Result], change: Change, now: int) -> None:
    last = results[-1]
    if state.failing_since is None:
        if state.told_failing_at is not None:
            state.told_failing_at = None
            change.notices.append(_notice("webhook.recovered", last, now, {}))
        return
    failures = [result for result in results if result.verdict.state != SUCCEEDED]
    if not failures:
        # Successes that ended before a failure which was recorded first.
        return
    last = failures[-1]
    detail: dict[str, object] = {
        "since": state.failing_since,
        "cause": last.verdict.cause,
        "status": last.outcome.status,
    }
    gone = any(result.verdict.disables for result in failures)
    if state.is_active and (gone or now - state.failing_since >= LONGEST_FAILING_MS):
        change.disabled_reason = _reason(last, gone=gone)
        detail["reason"] = change.disabled_reason
        change.notices.append(_notice("webhook.disabled", last, now, detail))
        return
    exhausted = any(result.verdict.wait_ms is None for result in failures)
    in_a_row = state.consecutive_failures >= CONSECUTIVE
    is_significant = (exhausted and in_a_row) or now - state.failing_since >= WORTH_TELLING_MS
    if state.told_failing_at is None and is_significant:
        state.told_failing_at = now
        change.notices.append(_notice("webhook.failing", last, now, detail))


def _reason(last: Result, *, gone: bool) -> str:
    if gone:
        return "The receiver responded with 410 Gone."
    reason = explain(last.verdict.cause, last.outcome.status, last.outcome.detail)
    return f"All attempts failed for five days. Last failure: {reason}"


def _notice(kind: str, result: Result, now: int, detail: dict[str, object]) -> dict[str, object]:
    return {
        "organization_id": result.claim.organization_id,
        "kind": kind,
        "webhook_id": result.claim.webhook_id,
        "delivery_id": result.claim.delivery_id,
        "at": now,
        "detail": detail,
    }
