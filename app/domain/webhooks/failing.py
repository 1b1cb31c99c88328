"""When a webhook counts as failing, and when it will be disabled."""

from dataclasses import dataclass

from app.domain.deliveries.verdicts import LONGEST_FAILING_MS

# Failed attempts in a row after which a webhook is failing. One failed attempt says little: its
# retry mostly succeeds.
CONSECUTIVE = 3
# Also failing: this share of at least so many attempts failed within the last hour.
RATE, RATE_ATTEMPTS = 0.5, 10
RATE_WINDOW = "1h"
RATE_WINDOW_MS = 3_600_000


@dataclass(frozen=True, slots=True)
class Failing:
    """Why a webhook is failing. consecutive: failed attempts since the last success. since: the
    first of them, in milliseconds since the epoch; None after a success. failed, attempts: of the
    last hour."""

    consecutive: int
    since: int | None
    failed: int
    attempts: int

    @property
    def in_a_row(self) -> bool:
        return self.since is not None and self.consecutive >= CONSECUTIVE

    @property
    def rate(self) -> float:
        return self.failed / self.attempts if self.attempts else 0.0

    @property
    def disabled_at(self) -> int | None:
        """When the webhook will be disabled unless an attempt succeeds; None: not planned."""
        return self.since + LONGEST_FAILING_MS if self.in_a_row and self.since else None


def judge_failing(
    consecutive: int, since: int | None, failed: int = 0, attempts: int = 0
) -> Failing | None:
    """Return why the webhook is failing, or None if it is not.

    since: the first failed attempt since the last success; without it, `consecutive` is outdated.
    """
    failing = Failing(consecutive if since is not None else 0, since, failed, attempts)
    by_rate = attempts >= RATE_ATTEMPTS and failing.rate >= RATE
    return failing if failing.in_a_row or by_rate else None
