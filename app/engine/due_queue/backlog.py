"""Which webhooks have something due, as this worker last saw it, and which to take from next."""

import random
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from app.domain.webhooks.sharing import share_fairly

# The list is read again no sooner than this while there is work, and without any; and, as it costs
# a step in an index for each webhook (about 12 microseconds), the later the longer it is. Counted
# rather than timed: a machine that is busy would make a worker blind.
REFRESH_SECONDS = 0.2
SHORTEST_SECONDS = 0.005
_EACH_SECONDS = 0.0001
# A webhook that can take no more, itself or its organization, is let alone so long, or until one
# of its own ends.
FULL_SECONDS = 0.05
# One whose state another worker has locked is let alone so long.
LOCKED_SECONDS = 0.003
# More webhooks than this in one claim cost more than they bring.
MOST_WEBHOOKS = 200


@dataclass(slots=True)
class Waiting:
    """not_before: on the loop's clock; until then it is not asked again. misses: how often in a
    row its state was locked, or not there."""

    organization_id: str
    next_at: int
    not_before: float = 0.0
    misses: int = 0


class Backlog:
    """clock: monotonic seconds; now: ms since the epoch."""

    def __init__(self) -> None:
        self._waiting: dict[str, Waiting] = {}
        self._read_at = float("-inf")

    def is_stale(self, clock: float, now: int, *, idle: bool) -> bool:
        """Whether the list is to be read again; idle: nothing else is to be done meanwhile."""
        pause = SHORTEST_SECONDS if idle and not self.has_work(clock, now) else REFRESH_SECONDS
        return clock - self._read_at >= max(pause, len(self._waiting) * _EACH_SECONDS)

    def learn(self, rows: Iterable[tuple[str, str, int]], clock: float) -> None:
        """rows: of the ledger."""
        before, found = self._waiting, {}
        for organization_id, webhook_id, next_at in rows:
            one = before.get(webhook_id)
            if one is None:
                one = Waiting(organization_id, next_at)
            one.next_at = next_at
            found[webhook_id] = one
        self._waiting = dict(sorted(found.items(), key=lambda item: item[1].not_before > clock))
        self._read_at = clock

    def has_work(self, clock: float, now: int) -> bool:
        return any(one.next_at <= now and one.not_before <= clock for one in self._waiting.values())

    def until_work(self, clock: float, now: int) -> float | None:
        """Seconds until something can be claimed, as far as is known; None: nothing is due."""
        waits = (
            max((one.next_at - now) / 1000, one.not_before - clock)
            for one in self._waiting.values()
        )
        return min(waits, default=None)

    def choose(
        self,
        slots: int,
        clock: float,
        now: int,
        *,
        room_of: Callable[[str], int],
        organizations: Mapping[str, int],
    ) -> list[tuple[str, int]]:
        """Webhooks, and how many of each. room_of: how many a webhook can take as far as is known
        here; organizations: what is left to those that have work going."""
        able, full = [], []
        for webhook_id, one in self._waiting.items():
            if one.next_at > now or one.not_before > clock:
                continue
            room = room_of(webhook_id) if organizations.get(one.organization_id, 1) > 0 else 0
            if room > 0:
                able.append((one.organization_id, webhook_id, room))
            else:
                one.not_before = clock + FULL_SECONDS
                full.append(webhook_id)
        # They go last, as in `learn`: `has_work` need not pass a thousand that hang each time.
        for webhook_id in full:
            self._waiting[webhook_id] = self._waiting.pop(webhook_id)
        # Whoever stands first gets what is left of an uneven share: not always the same ones.
        random.shuffle(able)
        shares = share_fairly(able[:MOST_WEBHOOKS], organizations, slots)
        return list(shares.items())

    def took(self, asked: Iterable[tuple[str, int]], got: Counter[str]) -> None:
        """Whoever gave less than was asked has nothing more that is due, until the next reading."""
        for webhook_id, number in asked:
            if got[webhook_id] < number:
                self._waiting.pop(webhook_id, None)
            elif webhook_id in self._waiting:
                self._waiting[webhook_id].misses = 0

    def hold(self, webhook_id: str, until: float) -> None:
        """It cannot take more until then, though something is due."""
        one = self._waiting.get(webhook_id)
        if one is not None:
            one.not_before = until

    def missed(self, webhook_id: str, clock: float) -> None:
        """Its state could not be had: mostly another worker has it for a moment."""
        one = self._waiting.get(webhook_id)
        if one is not None:
            longer = 2 ** min(max(0, one.misses - 5), 8)
            one.misses += 1
            one.not_before = clock + LOCKED_SECONDS * longer

    def freed(self, webhook_id: str) -> None:
        """One of its own ended: it may have room again."""
        one = self._waiting.get(webhook_id)
        if one is not None:
            one.not_before = 0.0
