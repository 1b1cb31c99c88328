"""The four kinds of retry policy and the timetables that follow from them."""

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import Any, ClassVar

SHORTEST_WAIT = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy(ABC):
    """How many attempts a delivery gets, and the seconds of waiting before each but the first."""

    kind: ClassVar[str]
    max_attempts: int

    @abstractmethod
    def _wait(self, n: int, /) -> float:
        """Seconds before attempt `n`, from 2 to `max_attempts`."""

    @abstractmethod
    def document(self) -> dict[str, Any]:
        """The policy as JSON, in full; `parse_policy` reads it."""

    def wait_before(self, n: int, draw: float = 0.5, at_least: float = 0) -> float | None:
        """Seconds before attempt `n`; None when the policy has no such attempt.

        draw: from 0 up to 1, for policies with jitter. at_least: what a Retry-After asked for; it
        makes the wait longer and never shorter.
        """
        if not 2 <= n <= self.max_attempts:
            return None
        return max(self._spread(self._wait(n), draw), at_least)

    def waits(self) -> list[float]:
        """Seconds before attempt 2, 3, ..., without jitter: the timetable that people see."""
        return [self._wait(n) for n in range(2, self.max_attempts + 1)]

    def _spread(self, wait: float, _draw: float) -> float:
        return wait


@dataclass(frozen=True, slots=True, kw_only=True)
class Fixed(RetryPolicy):
    kind: ClassVar[str] = "fixed"
    interval_seconds: float

    def _wait(self, _n: int, /) -> float:
        return self.interval_seconds

    def document(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "interval_seconds": self.interval_seconds,
            "max_attempts": self.max_attempts,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Cubic(RetryPolicy):
    """Before attempt n a wait of min(n cubed, cap)."""

    kind: ClassVar[str] = "cubic"
    cap_seconds: float

    def _wait(self, n: int, /) -> float:
        return min(n**3, self.cap_seconds)

    def document(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "max_attempts": self.max_attempts,
            "cap_seconds": self.cap_seconds,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Exponential(RetryPolicy):
    """jitter: the part of a wait by which it may be shorter or longer, so that many deliveries
    that failed together don't come back together; never beyond the cap, never under a second."""

    kind: ClassVar[str] = "exponential"
    base_seconds: float
    factor: float
    cap_seconds: float
    jitter: float = 0

    def _wait(self, n: int, /) -> float:
        return min(self.base_seconds * self.factor ** (n - 2), self.cap_seconds)

    def _spread(self, wait: float, draw: float) -> float:
        spread = wait * (1 + self.jitter * (2 * draw - 1))
        return max(min(spread, self.cap_seconds), SHORTEST_WAIT)

    def document(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "base_seconds": self.base_seconds,
            "factor": self.factor,
            "cap_seconds": self.cap_seconds,
            "max_attempts": self.max_attempts,
            "jitter": self.jitter,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule(RetryPolicy):
    """One wait after another, as they are listed; one attempt more than there are waits."""

    kind: ClassVar[str] = "schedule"
    max_attempts: int = field(init=False)
    delays_seconds: tuple[float, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "max_attempts", len(self.delays_seconds) + 1)

    def _wait(self, n: int, /) -> float:
        return self.delays_seconds[n - 2]

    def document(self) -> dict[str, Any]:
        return {"kind": self.kind, "delays_seconds": list(self.delays_seconds)}
