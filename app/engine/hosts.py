"""Bound the requests in flight of one organization to one host, so that an installation cannot be
made to flood a host however many webhooks point at it.

The bound holds for all workers together: each uses an equal share of it. An equal split wastes
little, because every worker with room claims from the whole due queue.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import urlsplit

from app.domain.webhooks.sharing import share

# What a request occupies: its organization, and the host and port it goes to.
HostKey = str


def host_key(organization_id: str, url: str) -> HostKey:
    """url: may be damaged; it then stands for a host of its own."""
    try:
        authority = urlsplit(url).netloc.rpartition("@")[2].lower()
    except ValueError:
        authority = url
    return f"{organization_id} {authority}"


class Hosts:
    """Requests in flight of this process by host, and the webhooks that wait for one to end."""

    def __init__(self, limit: int) -> None:
        """limit: of an organization without a quota of its own."""
        self._limit = self._lowest = limit
        self._total = 0
        self._in_flight: Counter[HostKey] = Counter()
        # Webhook ids in the order in which they began to wait; a dict is an ordered set here.
        self._waiting: dict[HostKey, dict[str, None]] = {}
        # Registered workers, this one included.
        self.workers = 1

    def learn(self, own_limit: int | None) -> None:
        """Note the quota of an organization that has its own."""
        if own_limit is not None:
            self._lowest = min(self._lowest, own_limit)

    def have_room(self, number: int) -> bool:
        """Whether so many more requests fit even if all requests go to one host. Saves looking at
        each host while little is in flight."""
        return self._total + number <= self._lowest // self.workers

    def room(self, host: HostKey, own_limit: int | None) -> int:
        """How many more requests this worker may have in flight to the host."""
        limit = self._limit if own_limit is None else own_limit
        return max(1, limit // self.workers) - self._in_flight[host]

    def wait(self, host: HostKey, webhook_id: str) -> None:
        """Remember that the webhook has deliveries but its host has no room."""
        self._waiting.setdefault(host, {})[webhook_id] = None

    def begin(self, host: HostKey) -> None:
        self._in_flight[host] += 1
        self._total += 1

    def end(self, host: HostKey) -> Sequence[str]:
        """The webhooks that may claim again: the one that waited longest, or all if the host has
        become free."""
        self._in_flight[host] -= 1
        self._total -= 1
        if self._in_flight[host] <= 0:
            del self._in_flight[host]
            return tuple(self._waiting.pop(host, ()))
        waiting = self._waiting.get(host)
        if not waiting:
            return ()
        first = next(iter(waiting))
        del waiting[first]
        return (first,)


def share_hosts(
    demands: Iterable[tuple[str, HostKey, int]], rooms: Mapping[HostKey, int]
) -> dict[str, int]:
    """Divide the room of each host evenly among the webhooks that want it.

    demands: (webhook id, host, number). rooms: may be negative. Webhooks without a share are left
    out.
    """
    by_host: dict[HostKey, dict[str, int]] = {}
    for webhook_id, host, number in demands:
        by_host.setdefault(host, {})[webhook_id] = number
    shares: dict[str, int] = {}
    for host, numbers in by_host.items():
        is_enough = sum(numbers.values()) <= rooms[host]
        shares.update(numbers if is_enough else share(numbers, max(0, rooms[host])))
    return shares
