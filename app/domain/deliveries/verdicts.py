"""What an attempt means for its delivery: done, to be tried again, or given up."""

from dataclasses import dataclass

from app.domain.deliveries.causes import OK, cause_of_response
from app.domain.deliveries.states import FAILED, RETRYING, SUCCEEDED
from app.domain.webhooks.facts import WebhookFacts
from app.domain.webhooks.retries import retry_after_seconds

# These will be the same the next time: no retry mends them.
_HOPELESS = frozenset({"unrenderable", "too_large", "over_budget", "url"})
# A webhook that has failed for this long without a single success is switched off.
LONGEST_FAILING_MS = 5 * 86_400_000
# Failing for this long is worth a notice, or as soon as a delivery is given up.
WORTH_TELLING_MS = 5 * 60_000


@dataclass(frozen=True, slots=True)
class Verdict:
    """state: of the delivery from now on. cause: of the attempt. wait_ms: until the next attempt;
    None: there is none. switches_off: the webhook is to be disabled."""

    state: str
    cause: str
    wait_ms: int | None = None
    disables: bool = False


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
    """attempt: its number within the run of the retry policy, from 1. draw: from 0 up to 1."""
    if cause == OK and status is not None:
        cause = cause_of_response(status, accepted=webhook.success.accepts(status))
    if cause == OK:
        return Verdict(SUCCEEDED, OK)
    if cause == "gone" and webhook.disables_on_410:
        return Verdict(FAILED, cause, disables=webhook.kind == "webhook")
    if cause in _HOPELESS:
        return Verdict(FAILED, cause)
    asked = 0
    if webhook.honors_retry_after and retry_after:
        asked = retry_after_seconds(retry_after, now) or 0
    wait = webhook.retry_policy.wait_before(attempt + 1, draw, asked)
    if wait is None:
        return Verdict(FAILED, cause)
    return Verdict(RETRYING, cause, round(wait * 1000))
