"""Parse retry policies and Retry-After headers."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import field as attribute
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Any

from app.domain.common.errors import FieldError, Invalid, invalid
from app.domain.webhooks.retry_policies import (
    MIN_WAIT_SECONDS,
    Cubic,
    Exponential,
    Fixed,
    RetryPolicy,
    Schedule,
)

MAX_WAIT_SECONDS = 604_800
MAX_RETRY_AFTER_SECONDS = 86_400
MAX_ATTEMPTS = 50

__all__ = ["RetryPolicy", "parse_policy", "retry_after_seconds"]


def parse_policy(document: object, field: str = "retry_policy") -> RetryPolicy:
    """Parse a policy's JSON document. Raises Invalid with every error and the allowed ranges."""
    kinds = ", ".join(KINDS)
    if isinstance(document, RetryPolicy):
        return document
    if not isinstance(document, dict):
        raise invalid(
            field,
            "type",
            "Not a retry policy.",
            f"Use an object whose `kind` is one of {kinds}.",
        )
    kind = document.get("kind")
    if not isinstance(kind, str) or kind not in KINDS:
        code = "required" if kind is None else "choice"
        problem = "The kind is missing." if kind is None else "Unknown kind of policy."
        raise invalid(f"{field}.kind", code, problem, f"Use one of {kinds}.")
    reader = _Reader(document, field)
    policy = KINDS[kind](reader)
    reader.finish()
    return policy


@dataclass(slots=True)
class _Reader:
    """Reads the fields of a policy's document and collects their errors."""

    document: dict[str, Any]
    field: str
    known: set[str] = attribute(default_factory=lambda: {"kind"})
    errors: list[FieldError] = attribute(default_factory=list)

    def seconds(self, name: str, default: float | None = None) -> float:
        return self.number(
            name,
            MIN_WAIT_SECONDS,
            MAX_WAIT_SECONDS,
            "a number of seconds from 1 to 604800",
            default,
        )

    def attempts(self) -> int:
        value = self.number(
            "max_attempts", 1, MAX_ATTEMPTS, f"a whole number from 1 to {MAX_ATTEMPTS}"
        )
        if not isinstance(value, int):
            self.fault(
                "max_attempts",
                "type",
                "Not a whole number.",
                f"a whole number from 1 to {MAX_ATTEMPTS}",
            )
        return int(value)

    def number(
        self, name: str, low: float, high: float, right: str, default: float | None = None
    ) -> float:
        """Return the number, or `low` after an error, which `finish` raises."""
        self.known.add(name)
        value = self.document.get(name, default)
        if value is None:
            self.fault(name, "required", "Missing.", right)
            return low
        return self.checked(name, value, low, high, right)

    def checked(self, name: str, value: object, low: float, high: float, right: str) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.fault(name, "type", "Not a number.", right)
        elif not low <= value <= high:  # refuses NaN, too
            self.fault(name, "range", "Out of range.", right)
        else:
            return int(value) if value == math.floor(value) else value
        return low

    def delays(self) -> tuple[float, ...]:
        self.known.add("delays_seconds")
        value = self.document.get("delays_seconds")
        right = f"a list of at most {MAX_ATTEMPTS - 1} delays in seconds, each from 1 to 604800"
        if not isinstance(value, list | tuple):
            code = "required" if value is None else "type"
            self.fault("delays_seconds", code, "Not a list of delays.", right)
            return ()
        if len(value) >= MAX_ATTEMPTS:
            self.fault("delays_seconds", "range", f"{len(value)} delays are too many.", right)
            return ()
        names = (f"delays_seconds[{i}]" for i in range(len(value)))
        return tuple(
            self.checked(
                name,
                item,
                MIN_WAIT_SECONDS,
                MAX_WAIT_SECONDS,
                "a number of seconds from 1 to 604800",
            )
            for name, item in zip(names, value, strict=True)
        )

    def fault(self, name: str, code: str, problem: str, right: str) -> None:
        self.errors.append(FieldError(f"{self.field}.{name}", code, problem, f"Use {right}."))

    def finish(self) -> None:
        """Raise Invalid if there were errors or unknown fields."""
        for name in self.document.keys() - self.known:
            names = ", ".join(sorted(self.known))
            path = f"{self.field}.{str(name)[:40]}"
            problem = f"Unknown field of a policy of kind {self.document['kind']}."
            self.errors.append(FieldError(path, "unknown", problem, f"Known fields: {names}."))
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
        factor=read.number("factor", 1, 10, "a number from 1 to 10", 2),
        cap_seconds=read.seconds("cap_seconds", 3600),
        jitter=read.number("jitter", 0, 1, "a number from 0 to 1", 0),
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
    """Return the seconds of a Retry-After header, from 0 to 24 hours, or None if it is invalid.

    header: whole seconds or an HTTP date. now: milliseconds since the epoch.
    """
    text = header.strip()
    if text.isascii() and text.isdigit():
        return (
            min(int(text), MAX_RETRY_AFTER_SECONDS) if len(text) < 20 else MAX_RETRY_AFTER_SECONDS
        )
    try:
        moment = parsedate_to_datetime(text)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        seconds = -int(-(moment.timestamp() * 1000 - now) // 1000)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    return min(max(seconds, 0), MAX_RETRY_AFTER_SECONDS)
