"""Count this process's deliveries in flight and bound them per webhook and organization."""

from collections import Counter, deque
from collections.abc import Iterable, Sequence

from app.engine.claims import Claim, Result
from app.engine.hosts import Hosts

# The largest share of the slots for one organization. The rest stays free, so that others never
# wait for its transfers to end.
_SHARE_OF_ONE_ORGANIZATION = 0.8
# A request that takes this long is waiting for a slow receiver or for its deadline. It is then
# counted separately ("parked"), so that a thousand hanging receivers cannot fill all slots.
PARKED_AFTER_SECONDS = 1.0
# At most this many times the regular slots may be parked. Above half of that, a webhook with a
# parked request gets no further one: a hanging receiver must not hold many.
_PARKED_FACTOR = 1.5
# Of payloads in flight. Each exists twice: as the payload and as the body rendered from it.
MAX_BYTES = 16 << 20
# After an allocation failed, how long the worker makes do with less.
SCARCE_SECONDS = 60.0


class InFlight:
    """The claims of this process that are not recorded yet. clock: monotonic seconds."""

    def __init__(self, limit: int, per_host: int) -> None:
        """limit: requests in flight at the same time, parked ones not counted. per_host: the
        installation's quota of requests in flight of one organization to one host."""
        self._limit = limit
        self.hosts = Hosts(per_host)
        self._max_parked = int(limit * _PARKED_FACTOR)
        self._max_of_one = max(1, int(limit * _SHARE_OF_ONE_ORGANIZATION))
        self.claimed: deque[Claim] = deque()
        # Finished, not yet recorded.
        self.ended: list[Result] = []
        self.of_webhook: Counter[str] = Counter()
        self._of_organization: Counter[str] = Counter()
        self._sending: set[Claim] = set()
        self._recent: deque[Claim] = deque()
        self._parked = 0
        self._parked_by_organization: Counter[str] = Counter()
        self._parked_by_webhook: Counter[str] = Counter()
        self._proven: set[str] = set()
        self._bytes = 0
        self._max_bytes, self._scarce_until = MAX_BYTES, float("-inf")

    def __len__(self) -> int:
        """Claims that are not recorded yet."""
        return len(self.claimed) + len(self._sending) + len(self.ended)

    @property
    def max_transfers(self) -> int:
        return self._limit + self._max_parked

    @property
    def room(self) -> int:
        """How many more can be claimed."""
        return max(0, self.slots - len(self.claimed))

    @property
    def slots(self) -> int:
        """How many more can be started."""
        recent = len(self._sending) - self._parked
        return max(0, min(self._limit - recent, self.max_transfers - len(self._sending)))

    def note_response(self, webhook_id: str, *, good: bool) -> None:
        """Note that the receiver responded normally, or that it is overloaded."""
        if good:
            self._proven.add(webhook_id)
        else:
            self._proven.discard(webhook_id)

    def room_of(self, webhook_id: str, limit: int) -> int:
        """How many more deliveries of this webhook may be claimed, of `limit`. A receiver that has
        not responded to this worker yet gets one, so that a thousand hanging receivers do not fill
        every slot when they are first seen."""
        claimed = self.of_webhook[webhook_id]
        if webhook_id not in self._proven:
            return 1 - min(claimed, 1)
        if self._parked >= self._max_parked // 2 and self._parked_by_webhook[webhook_id]:
            return 0
        return limit - claimed

    def left_to_organizations(self) -> dict[str, int]:
        return {
            organization: max(
                0, self._max_of_one - number + self._parked_by_organization[organization]
            )
            for organization, number in self._of_organization.items()
        }

    @property
    def sending(self) -> int:
        """Requests under way."""
        return len(self._sending)

    @property
    def is_sending(self) -> bool:
        """Whether any transfer is running."""
        return bool(self._sending)

    @property
    def may_start(self) -> bool:
        """Whether there is a claim, a slot for it, and memory for its payload. A payload above the
        limit is sent alone."""
        if not self.claimed or self.slots <= 0:
            return False
        return self._bytes == 0 or self._bytes + self.claimed[0].bytes <= self._max_bytes

    def first_that_fit(self, claims: Iterable[Claim], ahead: Iterable[Claim] = ()) -> list[Claim]:
        """The longest prefix of `claims` whose payloads fit into memory, next to those in flight
        and those `ahead`. A payload above the limit fits alone."""
        total = self._bytes + sum(claim.bytes for claim in ahead)
        fitting: list[Claim] = []
        for claim in claims:
            total += claim.bytes
            if claim.bytes < total > self._max_bytes:
                break
            fitting.append(claim)
        return fitting

    def due_ids(self) -> set[int]:
        ended = (result.claim for result in self.ended)
        return {claim.due_id for claim in (*self.claimed, *self._sending, *ended)}

    def take(self, claim: Claim) -> None:
        self.claimed.append(claim)
        self.of_webhook[claim.webhook_id] += 1
        self._of_organization[claim.organization_id] += 1
        self.hosts.begin(claim.webhook.host)

    def start(self, claim: Claim, clock: float) -> None:
        claim.started_at = clock
        self._sending.add(claim)
        self._recent.append(claim)
        self._bytes += claim.bytes

    def end(self, claim: Claim) -> Sequence[str]:
        """Remove a claim that has ended or was released. Returns the webhooks that waited for its
        host and may claim now."""
        if claim in self._sending:
            self._sending.discard(claim)
            self._bytes -= claim.bytes
            if claim.parked:
                self._parked -= 1
                self._parked_by_organization[claim.organization_id] -= 1
                _decrement(self._parked_by_webhook, claim.webhook_id)
        _decrement(self.of_webhook, claim.webhook_id)
        _decrement(self._of_organization, claim.organization_id)
        return self.hosts.end(claim.webhook.host)

    def take_back(self, claim: Claim) -> None:
        """Put a claim that was started, but could not be sent, back to the front."""
        self._sending.discard(claim)
        self._bytes -= claim.bytes
        self.claimed.appendleft(claim)

    def is_alone(self, claim: Claim) -> bool:
        """Whether no other request is under way."""
        return self._sending <= {claim}

    def save_memory(self, clock: float) -> None:
        """An allocation failed: have half as much in flight for a while."""
        self._max_bytes = max(1, min(self._max_bytes, max(self._bytes, 1)) // 2)
        self._scarce_until = clock + SCARCE_SECONDS

    def drop_claimed(self) -> None:
        while self.claimed:
            self.end(self.claimed.popleft())

    def park(self, clock: float) -> None:
        """Park the requests that have been in flight for long."""
        if clock >= self._scarce_until:
            self._max_bytes = MAX_BYTES
        if len(self._recent) > 2 * len(self._sending) + 64:
            # A slow request at the head must not keep those that ended behind it in memory.
            self._recent = deque(claim for claim in self._recent if claim in self._sending)
        recent = self._recent
        while recent and (
            recent[0] not in self._sending or clock - recent[0].started_at >= PARKED_AFTER_SECONDS
        ):
            claim = recent.popleft()
            if claim in self._sending:
                claim.parked = True
                self._parked += 1
                self._parked_by_organization[claim.organization_id] += 1
                self._parked_by_webhook[claim.webhook_id] += 1


def _decrement(counter: Counter[str], key: str) -> None:
    counter[key] -= 1
    if counter[key] <= 0:
        del counter[key]
