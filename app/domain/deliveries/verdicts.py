"""Decide what an attempt means for its delivery: succeeded, retry, or failed."""

from dataclasses import dataclass

from app.domain.deliveries.causes import OK, cause_of_response
from app.domain.deliveries.states import FAILED, RETRYING, SUCCEEDED
from app.domain.webhooks.facts import WebhookFacts
from app.domain.webhooks.retries import retry_after_seconds

# Failures that no retry can fix.
_PERMANENT = frozenset({"unrenderable", "too_large", "over_budget", "url"})
# A webhook without a success for this long is disabled.
LONGEST_FAILING_MS = 5 * 86_400_000
# A webhook gets a notice after failing for this long, or once a delivery has failed for good and at
# least the last three attempts failed.
WORTH_TELLING_MS = 5 * 60_000


@dataclass(frozen=True, slots=True)
class Verdict:
    """state: the delivery's new state. cause: the attempt's failure reason. wait_ms: the delay
    before the next attempt, if there is one. disables: whether to disable the webhook."""

    state: str
    cause: str
    wait_ms: int | None = None
    disables: bool = False


_DELIVERED = Verdict(SUCCEEDED, OK)


def judge(
    webhook: WebhookFacts,
    *,
    status: int | None,
    cause: str,
    attempt: int,
    retry_after: str | None,
    now: int,
    draw: float,
) -> Verdict:
    """attempt: its number since the retry policy last started, from 1. draw: a random number in
    [0, 1)."""
    if cause == OK and status is not None:
        cause = cause_of_response(status, accepted=webhook.success.accepts(status))
    if cause == OK:
        return _DELIVERED
    if cause == "gone" and webhook.disables_on_410:
        return Verdict(FAILED, cause, disables=webhook.kind == "webhook")
    if cause in _PERMANENT:
        return Verdict(FAILED, cause)
    requested_seconds = 0
    if webhook.honors_retry_after and retry_after:
        requested_seconds = retry_after_seconds(retry_after, now) or 0
    wait = webhook.retry_policy.wait_before(attempt + 1, draw, requested_seconds)
    if wait is None:
        return Verdict(FAILED, cause)
    return Verdict(RETRYING, cause, round(wait * 1000))
