"""Bound how many lines a second are logged."""


class Sampler:
    """Admits the first `per_second` lines of each second and counts the others.

    Threads may share one: a race only makes the counts approximate.
    """

    __slots__ = ("_left_out", "_number", "_per_second", "_second")

    def __init__(self, per_second: int) -> None:
        self._per_second = per_second
        self._second = self._number = self._left_out = 0

    def admit(self, now: float) -> bool:
        """now: seconds of any clock."""
        second = int(now)
        if second != self._second:
            self._second, self._number = second, 0
        if self._number >= self._per_second:
            self._left_out += 1
            return False
        self._number += 1
        return True

    def take_left_out(self) -> int:
        """How many lines were left out since the last call."""
        left_out, self._left_out = self._left_out, 0
        return left_out
