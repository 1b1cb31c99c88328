"""Limits on how much of a webhook's backlog is sent at once: its own limit, the window while its
receiver is overloaded, and its rate.

The window follows TCP (additive increase, multiplicative decrease). A circuit breaker would have to
pick a time for its next probe and so delay scheduled retries; a window of one always lets a single
due delivery through.
"""

# Failures that fewer concurrent requests may prevent, or that occupy a slot until their deadline.
_OVERLOAD_STATUSES = frozenset({429, 502, 503, 504})
_OVERLOAD_CAUSES = frozenset({"refused", "unreachable", "reset", "empty_reply", "tls", "dns"})

# The burst that a rate allows: due deliveries may start in steps of this many microseconds.
_BURST_US = 50_000
# The tolerated clock difference between machines. A time further ahead results from a clock that
# was set back or from an earlier, lower rate, and must not delay due deliveries.
_SKEW_US = 10_000_000


def is_overload(cause: str, status: int | None) -> bool:
    if cause.startswith("timeout_") or cause in _OVERLOAD_CAUSES:
        return True
    return cause == "status" and status in _OVERLOAD_STATUSES


def next_window(
    window: float | None, limit: int, in_flight: int, successes: int, overloads: int
) -> float | None:
    """Return the window after some attempts ended; None: only the webhook's own limit applies.

    in_flight: the number of concurrent requests, including these. Several that failed together
    count as one sign of overload.
    """
    if overloads:
        effective = min(window if window is not None else limit, max(in_flight, 1))
        return max(1.0, effective / 2)
    if window is None:
        return None
    # A full window of successes raises it by one.
    for _ in range(successes):
        window += 1 / window
        if window >= limit:
            return None
    return window


def room(limit: int, window: float | None, in_flight: int) -> int:
    """Return how many more deliveries may be sent now."""
    most = limit if window is None else min(limit, int(window))
    return max(0, most - in_flight)


def rate_allows(tat: int, rate: float, now: int) -> int:
    """Return how many deliveries may be sent now at `rate` per second.

    tat: the theoretical arrival time of GCRA; tat and now are microseconds since the epoch.
    """
    interval = 1_000_000 / rate
    # Subtract integers first: a float of this size cannot represent fractions of a microsecond.
    left = max(interval, _BURST_US) - _ahead(tat, interval, now)
    return max(0, int(left / interval + 1e-6))


def rate_spent(tat: int, rate: float, now: int, number: int) -> int:
    """Return the theoretical arrival time after `number` deliveries."""
    interval = 1_000_000 / rate
    return now + _ahead(tat, interval, now) + round(number * interval)


def rate_wait(tat: int, rate: float, now: int) -> float:
    """Return the seconds until one delivery may be sent."""
    interval = 1_000_000 / rate
    return max(0.0, (_ahead(tat, interval, now) + interval - max(interval, _BURST_US)) / 1_000_000)


def _ahead(tat: int, interval: float, now: int) -> int:
    """Return microseconds; 0 if `tat` is further ahead than this rate can have moved it."""
    ahead = max(0, tat - now)
    return ahead if ahead <= max(interval, _BURST_US) + _SKEW_US else 0
