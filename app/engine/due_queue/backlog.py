"""Know which webhooks have due deliveries, and choose whose to claim next."""

import random
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from app.domain.webhooks.sharing import share_fairly
from app.engine.shards import GRACE_MS, Shards
from app.runtime.redis.due_channel import Due

# With work at hand the list is refreshed at most this often. It costs an index step per webhook
# (about 12 microseconds), so the interval grows with its length. The length counts and not the
# measured time: a busy machine would refresh too rarely.
REFRESH_SECONDS = 0.2
_SECONDS_PER_WEBHOOK = 0.0001
# How long a webhook at its limit, or at its organization's, is skipped unless one of its
# deliveries ends before.
FULL_SECONDS = 0.05
# How long a webhook is skipped whose state row another worker has locked.
LOCKED_SECONDS = 0.003
# A claim over more webhooks than this costs more than it gains.
MAX_WEBHOOKS = 200


@dataclass(slots=True)
class Waiting:
    """A webhook with due deliveries. next_at: when this worker may take the earliest of them.
    not_before: monotonic seconds; it is skipped until then.
    misses: consecutive claims for which its state row was locked or absent."""

    organization_id: str
    next_at: int
    not_before: float = 0.0
    misses: int = 0


class Backlog:
    """The webhooks that had deliveries waiting at the last read of the due queue.

    clock: monotonic seconds; now: ms since the epoch.
    """

    def __init__(self, shards: Shards) -> None:
        """shards: which webhooks are this worker's; others' are left to them for a while."""
        self._shards = shards
        self._waiting: dict[str, Waiting] = {}
        self._read_at = float("-inf")

    def is_stale(self, clock: float, now: int, *, idle: bool, every: float) -> bool:
        """Whether the list should be refreshed. idle: the worker has nothing else to do, and should
        refresh it every `every` seconds."""
        pause = every if idle and not self.has_work(clock, now) else REFRESH_SECONDS
        return clock - self._read_at >= max(pause, len(self._waiting) * _SECONDS_PER_WEBHOOK)

    def add(self, due: Iterable[Due], clock: float, now: int) -> None:
        """Add webhooks that have new due deliveries. Those of other workers, unless they are in the
        list anyway, are left to the next read."""
        for organization_id, webhook_id in due:
            waiting, at = self._waiting.get(webhook_id), now + self._grace(webhook_id, clock)
            if waiting is not None:
                waiting.next_at = min(waiting.next_at, at)
            elif at == now:
                self._waiting[webhook_id] = Waiting(organization_id, now)

    def learn(self, rows: Iterable[tuple[str, str, int]], clock: float) -> None:
        """Replace the list. rows: organization id, webhook id, earliest next_at (ms)."""
        before, refreshed = self._waiting, {}
        for organization_id, webhook_id, next_at in rows:
            waiting = before.get(webhook_id) or Waiting(organization_id, next_at)
            waiting.next_at = next_at + self._grace(webhook_id, clock)
            refreshed[webhook_id] = waiting
        self._waiting = dict(sorted(refreshed.items(), key=lambda item: item[1].not_before > clock))
        self._read_at = clock

    def has_due(self, webhook_id: str, now: int) -> bool:
        """Whether the webhook has due deliveries, as far as known here."""
        waiting = self._waiting.get(webhook_id)
        return waiting is not None and waiting.next_at <= now

    def _grace(self, webhook_id: str, clock: float) -> int:
        """How long a due delivery is left to another worker, in milliseconds."""
        return 0 if self._shards.is_own(webhook_id, clock) else GRACE_MS

    def has_work(self, clock: float, now: int) -> bool:
        return any(
            waiting.next_at <= now and waiting.not_before <= clock
            for waiting in self._waiting.values()
        )

    def until_work(self, clock: float, now: int) -> float | None:
        """Seconds until something can be claimed, as far as known here; None if nothing is due."""
        waits = (
            max((waiting.next_at - now) / 1000, waiting.not_before - clock)
            for waiting in self._waiting.values()
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
        """Choose webhooks and a number for each. room_of: how many more a webhook may have in
        flight here. organizations: remaining slots of those with deliveries in flight."""
        able, full = [], []
        for webhook_id, waiting in self._waiting.items():
            if waiting.next_at > now or waiting.not_before > clock:
                continue
            room = room_of(webhook_id) if organizations.get(waiting.organization_id, 1) > 0 else 0
            if room > 0:
                able.append((waiting.organization_id, webhook_id, room))
            else:
                waiting.not_before = clock + FULL_SECONDS
                full.append(webhook_id)
        # Last, as in `learn`: `has_work` stops at the first that is able, and must not pass a
        # thousand hanging ones each time.
        for webhook_id in full:
            self._waiting[webhook_id] = self._waiting.pop(webhook_id)
        # The first ones get the remainder of an uneven share: shuffle, so that they vary.
        random.shuffle(able)
        shares = share_fairly(able[:MAX_WEBHOOKS], organizations, slots)
        return list(shares.items())

    def claimed(self, requested: Iterable[tuple[str, int]], received: Counter[str]) -> None:
        """Forget webhooks that yielded less than requested: they have no more due deliveries."""
        for webhook_id, number in requested:
            if received[webhook_id] < number:
                self._waiting.pop(webhook_id, None)
            elif webhook_id in self._waiting:
                self._waiting[webhook_id].misses = 0

    def skip(self, webhook_id: str, until: float) -> None:
        """Skip a webhook until then although it has due deliveries."""
        waiting = self._waiting.get(webhook_id)
        if waiting is not None:
            waiting.not_before = until

    def skip_locked(self, webhook_id: str, clock: float) -> None:
        """Skip a webhook whose state row could not be locked, longer with each repetition. Mostly
        another worker has it for a moment."""
        waiting = self._waiting.get(webhook_id)
        if waiting is not None:
            factor = 2 ** min(max(0, waiting.misses - 5), 8)
            waiting.misses += 1
            waiting.not_before = clock + LOCKED_SECONDS * factor

    def freed(self, webhook_id: str) -> None:
        """One of its deliveries ended, so it may have room again."""
        waiting = self._waiting.get(webhook_id)
        if waiting is not None:
            waiting.not_before = 0.0
