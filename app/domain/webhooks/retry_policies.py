"""The four kinds of retry policy."""

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import Any, ClassVar

MIN_WAIT_SECONDS = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy(ABC):
    """The number of attempts of a delivery and the delays between them."""

    kind: ClassVar[str]
    max_attempts: int

    @abstractmethod
    def _wait(self, n: int, /) -> float:
        """Return the seconds before attempt `n`, from 2 to `max_attempts`."""

    @abstractmethod
    def document(self) -> dict[str, Any]:
        """Return the complete policy as JSON for `parse_policy`."""

    def wait_before(self, n: int, draw: float = 0.5, at_least: float = 0) -> float | None:
        """Return the seconds before attempt `n`, or None if the policy has no such attempt.

        draw: a random number in [0, 1) for jitter. at_least: the seconds of a Retry-After header,
        which can only lengthen the delay.
        """
        if not 2 <= n <= self.max_attempts:
            return None
        return max(self._spread(self._wait(n), draw), at_least)

    def waits(self) -> list[float]:
        """Return the seconds before attempts 2, 3, ... without jitter, as people see them."""
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
    """The delay before attempt n is n cubed, at most the cap."""

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
    """jitter: the fraction by which a delay varies, so that deliveries that failed together are not
    retried together; never beyond the cap, never below a second."""

    kind: ClassVar[str] = "exponential"
    base_seconds: float
    factor: float
    cap_seconds: float
    jitter: float = 0

    def _wait(self, n: int, /) -> float:
        return min(self.base_seconds * self.factor ** (n - 2), self.cap_seconds)

    def _spread(self, wait: float, draw: float) -> float:
        spread = wait * (1 + self.jitter * (2 * draw - 1))
        return max(min(spread, self.cap_seconds), MIN_WAIT_SECONDS)

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
    """A list of delays; there is one attempt more than there are delays."""

    kind: ClassVar[str] = "schedule"
    max_attempts: int = field(init=False)
    delays_seconds: tuple[float, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "max_attempts", len(self.delays_seconds) + 1)

    def _wait(self, n: int, /) -> float:
        return self.delays_seconds[n - 2]

    def document(self) -> dict[str, Any]:
        return {"kind": self.kind, "delays_seconds": list(self.delays_seconds)}
