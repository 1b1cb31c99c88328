"""How much of a webhook's backlog may go at once: its own limit, its window while its receiver is
in trouble, and its rate.

The window opens and closes as TCP's does (additive increase, multiplicative decrease): a circuit
breaker would have to choose a moment to try again, and so delay a retry table; a window of one
always lets the only due delivery pass.
"""

# Trouble of a kind that fewer calls at once may mend, or that waits for its deadline in a slot.
_OVERLOAD_STATUSES = frozenset({429, 502, 503, 504})
_OVERLOAD_CAUSES = frozenset({"refused", "unreachable", "reset", "empty_reply", "tls", "dns"})

# A burst within the rate: what is due may go in steps of this many microseconds.
_BURST_US = 50_000
# Clocks of several machines may differ by so much. What is further ahead comes from a clock that
# was set back since, or from a lower rate, and must not hold up what is due.
_SKEW_US = 10_000_000


def is_overload(cause: str, status: int | None) -> bool:
    if cause.startswith("timeout_") or cause in _OVERLOAD_CAUSES:
        return True
    return cause == "status" and status in _OVERLOAD_STATUSES


def next_window(
    window: float | None, limit: int, in_flight: int, successes: int, overloads: int
) -> float | None:
    """The window after some attempts ended. None: none but the webhook's own limit.

    in_flight: while they were going, themselves among it. Several that failed together are one
    sign of trouble, not several.
    """
    if overloads:
        was = min(window if window is not None else limit, max(in_flight, 1))
        return max(1.0, was / 2)
    if window is None:
        return None
    # Each full window of successes opens it by one.
    for _ in range(successes):
        window += 1 / window
        if window >= limit:
            return None
    return window


def room(limit: int, window: float | None, in_flight: int) -> int:
    """How many more may go now."""
    most = limit if window is None else min(limit, int(window))
    return max(0, most - in_flight)


def rate_allows(tat: int, rate: float, now: int) -> int:
    """How many may go now under `rate` a second. tat: the theoretical arrival time of GCRA, and
    now: microseconds since the epoch."""
    interval = 1_000_000 / rate
    # Differences first: a float does not tell a fraction of a microsecond from so large a number.
    left = max(interval, _BURST_US) - _ahead(tat, interval, now)
    return max(0, int(left / interval + 1e-6))


def rate_spent(tat: int, rate: float, now: int, number: int) -> int:
    """The theoretical arrival time after `number` went."""
    interval = 1_000_000 / rate
    return now + _ahead(tat, interval, now) + round(number * interval)


def rate_wait(tat: int, rate: float, now: int) -> float:
    """Seconds until one may go."""
    interval = 1_000_000 / rate
    return max(0.0, (_ahead(tat, interval, now) + interval - max(interval, _BURST_US)) / 1_000_000)


def _ahead(tat: int, interval: float, now: int) -> int:
    """Microseconds; 0 when `tat` is further away than this rate can have brought it."""
    ahead = max(0, tat - now)
    return ahead if ahead <= max(interval, _BURST_US) + _SKEW_US else 0
