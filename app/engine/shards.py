"""Share the webhooks among the workers that are awake.

Two workers that claim from one webhook at the same time wait for each other's locks. So each
webhook belongs to one of them; another one takes its deliveries only when they have waited for
`GRACE_MS`, because their worker is busy, stopped, or not heard of any more.
"""

from hashlib import blake2b

GRACE_MS = 25
# A worker that is awake says so twice a second (worker.listener).
SILENT_SECONDS = 1.2


class Shards:
    """`note` may be called by another thread. clock: monotonic seconds."""

    def __init__(self, own_name: str) -> None:
        """own_name: no other process has it at the same time."""
        self.own_name = own_name
        self._heard: dict[str, float] = {}

    def note(self, worker: str, clock: float, *, is_awake: bool) -> None:
        """Another worker, or this one, is awake or falls asleep."""
        heard = {name: at for name, at in self._heard.items() if clock - at < SILENT_SECONDS}
        heard.pop(worker, None)
        if is_awake and worker != self.own_name:
            heard[worker] = clock
        self._heard = heard

    @property
    def is_shared(self) -> bool:
        """Whether another worker was awake when one was last heard of."""
        return bool(self._heard)

    def is_own(self, webhook_id: str, clock: float) -> bool:
        """Whether the webhook belongs to this worker."""
        heard = self._heard
        if not heard:
            return True
        awake = [name for name, at in heard.items() if clock - at < SILENT_SECONDS]
        # Of all workers the one whose name mixes highest: one that joins or leaves takes or
        # returns its own share, and the other webhooks stay where they are.
        own = _rank(self.own_name, webhook_id)
        return all(own >= _rank(name, webhook_id) for name in awake)


def _rank(worker: str, webhook_id: str) -> bytes:
    # No checksum: the ranks of two names would differ by the same bits for all webhooks.
    return blake2b(f"{webhook_id} {worker}".encode(), digest_size=8).digest()
