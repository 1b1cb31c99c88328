"""When a delivery that failed is tried again: reading a policy, and Retry-After."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import field as attribute
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Any

from app.domain.common.errors import FieldError, Invalid, invalid
from app.domain.webhooks.retry_policies import (
    SHORTEST_WAIT,
    Cubic,
    Exponential,
    Fixed,
    RetryPolicy,
    Schedule,
)

LONGEST_WAIT = 604_800
LONGEST_RETRY_AFTER = 86_400
MOST_ATTEMPTS = 50

__all__ = ["RetryPolicy", "parse_policy", "retry_after_seconds"]


def parse_policy(document: object, field: str = "retry_policy") -> RetryPolicy:
    """The policy that a JSON document describes. Invalid names every field that is wrong, with
    the range in which it must be."""
    kinds = ", ".join(KINDS)
    if isinstance(document, RetryPolicy):
        return document
    if not isinstance(document, dict):
        raise invalid(
            field,
            "type",
            "This is not a retry policy.",
            f"Give an object with a `kind` out of {kinds}.",
        )
    kind = document.get("kind")
    if not isinstance(kind, str) or kind not in KINDS:
        code = "required" if kind is None else "choice"
        problem = "The kind is missing." if kind is None else "There is no such kind of policy."
        raise invalid(f"{field}.kind", code, problem, f"Give one of {kinds}.")
    reader = _Reader(document, field)
    policy = KINDS[kind](reader)
    reader.finish()
    return policy


@dataclass(slots=True)
class _Reader:
    """Takes fields out of a policy's document and gathers what is wrong with them."""

    document: dict[str, Any]
    field: str
    taken: set[str] = attribute(default_factory=lambda: {"kind"})
    errors: list[FieldError] = attribute(default_factory=list)

    def seconds(self, name: str, default: float | None = None) -> float:
        return self.number(name, SHORTEST_WAIT, LONGEST_WAIT, "seconds, from 1 to 604800", default)

    def attempts(self) -> int:
        value = self.number("max_attempts", 1, MOST_ATTEMPTS, f"from 1 to {MOST_ATTEMPTS}")
        if not isinstance(value, int):
            self.fault("max_attempts", "type", "This is not whole.", f"from 1 to {MOST_ATTEMPTS}")
        return int(value)

    def number(
        self, name: str, low: float, high: float, right: str, default: float | None = None
    ) -> float:
        """The number under `name`, or `low` after a fault that `finish` will tell."""
        self.taken.add(name)
        value = self.document.get(name, default)
        if value is None:
            self.fault(name, "required", "This is missing.", right)
            return low
        return self.checked(name, value, low, high, right)

    def checked(self, name: str, value: object, low: float, high: float, right: str) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.fault(name, "type", "This is not a number.", right)
        elif not low <= value <= high:  # also NaN
            self.fault(name, "range", "This is out of range.", right)
        else:
            return int(value) if value == math.floor(value) else value
        return low

    def delays(self) -> tuple[float, ...]:
        self.taken.add("delays_seconds")
        value = self.document.get("delays_seconds")
        right = f"a list of at most {MOST_ATTEMPTS - 1} waits in seconds, each from 1 to 604800"
        if not isinstance(value, list | tuple):
            code = "required" if value is None else "type"
            self.fault("delays_seconds", code, "This is not a list of waits.", right)
            return ()
        if len(value) >= MOST_ATTEMPTS:
            self.fault("delays_seconds", "range", f"{len(value)} waits are too many.", right)
            return ()
        names = (f"delays_seconds[{i}]" for i in range(len(value)))
        return tuple(
            self.checked(name, item, SHORTEST_WAIT, LONGEST_WAIT, "seconds, from 1 to 604800")
            for name, item in zip(names, value, strict=True)
        )

    def fault(self, name: str, code: str, problem: str, right: str) -> None:
        remedy = f"Give {right}." if right.startswith("a ") else f"Give a number, {right}."
        self.errors.append(FieldError(f"{self.field}.{name}", code, problem, remedy))

    def finish(self) -> None:
        """Raises Invalid if anything was wrong, fields that nobody took among it."""
        for name in self.document.keys() - self.taken:
            known = ", ".join(sorted(self.taken))
            path = f"{self.field}.{str(name)[:40]}"
            problem = f"A policy of the kind {self.document['kind']} has no such field."
            self.errors.append(FieldError(path, "unknown", problem, f"Its fields are {known}."))
        if self.errors:
            raise Invalid(self.errors)


def _fixed(read: _Reader) -> RetryPolicy:
    return Fixed(max_attempts=read.attempts(), interval_seconds=read.seconds("interval_seconds"))


def _cubic(read: _Reader) -> RetryPolicy:
    return Cubic(max_attempts=read.attempts(), cap_seconds=read.seconds("cap_seconds", 900))


def _exponential(read: _Reader) -> RetryPolicy:
    return Exponential(
        max_attempts=read.attempts(),
        base_seconds=read.seconds("base_seconds"),
        factor=read.number("factor", 1, 10, "from 1 to 10", 2),
        cap_seconds=read.seconds("cap_seconds", 3600),
        jitter=read.number("jitter", 0, 1, "from 0 to 1", 0),
    )


def _schedule(read: _Reader) -> RetryPolicy:
    return Schedule(delays_seconds=read.delays())


KINDS: dict[str, Callable[[_Reader], RetryPolicy]] = {
    "exponential": _exponential,
    "fixed": _fixed,
    "cubic": _cubic,
    "schedule": _schedule,
}


def retry_after_seconds(header: str, now: int) -> int | None:
    """Seconds that a Retry-After header asks for, from 0 to 24 hours; None when it is not one.

    header: whole seconds or an HTTP date. now: milliseconds since the epoch.
    """
    text = header.strip()
    if text.isascii() and text.isdigit():
        return min(int(text), LONGEST_RETRY_AFTER) if len(text) < 20 else LONGEST_RETRY_AFTER
    try:
        moment = parsedate_to_datetime(text)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        seconds = -int(-(moment.timestamp() * 1000 - now) // 1000)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    return min(max(seconds, 0), LONGEST_RETRY_AFTER)
