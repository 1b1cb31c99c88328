"""How long an acknowledgement of an issue lasts, and when an issue resolves itself."""

# Until the next failure, until deliveries succeed again, or until a time.
FAILURE, RESOLVED, TIME = "failure", "resolved", "time"
LASTS = (FAILURE, RESOLVED, TIME)
HOUR = 3_600_000
# Milliseconds for which an acknowledgement until a time can be given on a page.
TIMES = {"1h": HOUR, "8h": 8 * HOUR, "1d": 24 * HOUR, "7d": 7 * 24 * HOUR}
# The longest, from now on.
LONGEST = 90 * 24 * HOUR
# Milliseconds without a failure of an issue, after which a success resolves it. Failures that
# alternate with successes keep it open.
QUIET = 10 * 60_000


def is_resolved(last_failure: int, last_success: int | None, now: int) -> bool:
    """Times are milliseconds since the epoch. last_success: of the webhook."""
    return last_success is not None and last_success > last_failure and now - last_failure >= QUIET


def has_failed_again(first_failure: int, last_failure: int, last_success: int | None) -> bool:
    """Something succeeded between the first failure and the last one."""
    return last_success is not None and first_failure < last_success < last_failure
