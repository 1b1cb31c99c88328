"""What this process has in hand, and how much more it may take."""

from collections import Counter, deque
from collections.abc import Iterable

from app.engine.claims import Claim, Result

# One organization gets so much of what goes at once and no more: the rest is there for the others
# at once, while its share would have to be waited for.
_PART_OF_ONE_ORGANIZATION = 0.8
# A call that takes this long waits for its receiver or for its deadline: it is counted apart, so
# that a thousand receivers that hang do not keep the others from being called.
PARKED_AFTER_SECONDS = 1.0
# So many times what goes at once may be parked; from half of that on, a webhook that has a call
# parked gets no more: a receiver that hangs is to hold few.
_PARKED_FACTOR = 1.5
# Of payloads that are going; each is held a second time, as the body that is made of it.
MOST_BYTES = 16 << 20


class InFlight:
    """clock: monotonic seconds."""

    def __init__(self, most: int) -> None:
        """most: calls that may be going at once, those that are parked not counted."""
        self._most = most
        self._most_parked = int(most * _PARKED_FACTOR)
        self._most_of_one = max(1, int(most * _PART_OF_ONE_ORGANIZATION))
        self.claimed: deque[Claim] = deque()
        # Not recorded yet.
        self.ended: list[Result] = []
        self.in_hand: Counter[str] = Counter()
        self._of_organization: Counter[str] = Counter()
        self._going: set[Claim] = set()
        self._young: deque[Claim] = deque()
        self._parked = 0
        self._parked_of: Counter[str] = Counter()
        self._parked_to: Counter[str] = Counter()
        self._proven: set[str] = set()
        self._bytes = 0

    def __len__(self) -> int:
        """Claims that are not yet recorded."""
        return len(self.claimed) + len(self._going) + len(self.ended)

    @property
    def most_on_the_wire(self) -> int:
        return self._most + self._most_parked

    @property
    def room(self) -> int:
        """How many more can be claimed."""
        return max(0, self.slots - len(self.claimed))

    @property
    def slots(self) -> int:
        """How many more can be started."""
        young = len(self._going) - self._parked
        return max(0, min(self._most - young, self.most_on_the_wire - len(self._going)))

    def proved(self, webhook_id: str, *, good: bool) -> None:
        """Its receiver answered, or is in trouble."""
        if good:
            self._proven.add(webhook_id)
        else:
            self._proven.discard(webhook_id)

    def room_of(self, webhook_id: str, most: int) -> int:
        """How many more a webhook may have in hand, of `most`. One whose receiver has not answered
        here yet gets one, so that a thousand that hang do not fill every slot at first sight."""
        in_hand = self.in_hand[webhook_id]
        if webhook_id not in self._proven:
            return 1 - min(in_hand, 1)
        if self._parked >= self._most_parked // 2 and self._parked_to[webhook_id]:
            return 0
        return most - in_hand

    def left_to_organizations(self) -> dict[str, int]:
        return {
            organization: max(0, self._most_of_one - number + self._parked_of[organization])
            for organization, number in self._of_organization.items()
        }

    @property
    def is_going(self) -> bool:
        """Whether anything is on the wire."""
        return bool(self._going)

    @property
    def may_start(self) -> bool:
        """Whether there is a claim, a slot for it, and room for its payload beside the others';
        the largest may go alone."""
        if not self.claimed or self.slots <= 0:
            return False
        return self._bytes == 0 or self._bytes + self.claimed[0].bytes <= MOST_BYTES

    def first_that_fit(self, claims: Iterable[Claim], ahead: Iterable[Claim] = ()) -> list[Claim]:
        """As many, from the first, as may hold their payloads at once, beside what is going and
        what is ahead of them; the largest alone."""
        total = self._bytes + sum(claim.bytes for claim in ahead)
        found: list[Claim] = []
        for claim in claims:
            total += claim.bytes
            if claim.bytes < total > MOST_BYTES:
                break
            found.append(claim)
        return found

    def due_ids(self) -> set[int]:
        ended = (result.claim for result in self.ended)
        return {claim.due_id for claim in (*self.claimed, *self._going, *ended)}

    def take(self, claim: Claim) -> None:
        self.claimed.append(claim)
        self.in_hand[claim.webhook_id] += 1
        self._of_organization[claim.organization_id] += 1

    def start(self, claim: Claim, clock: float) -> None:
        claim.started_at = clock
        self._going.add(claim)
        self._young.append(claim)
        self._bytes += claim.bytes

    def end(self, claim: Claim) -> None:
        """It is no longer in hand: ended, or given back."""
        if claim in self._going:
            self._going.discard(claim)
            self._bytes -= claim.bytes
            if claim.parked:
                self._parked -= 1
                self._parked_of[claim.organization_id] -= 1
                _less(self._parked_to, claim.webhook_id)
        _less(self.in_hand, claim.webhook_id)
        _less(self._of_organization, claim.organization_id)

    def drop_claimed(self) -> None:
        while self.claimed:
            self.end(self.claimed.popleft())

    def park(self, clock: float) -> None:
        """Set those apart that have been going for long."""
        if len(self._young) > 2 * len(self._going) + 64:
            # One that takes long stands first: those that ended behind it need not be kept.
            self._young = deque(claim for claim in self._young if claim in self._going)
        young = self._young
        while young and (
            young[0] not in self._going or clock - young[0].started_at >= PARKED_AFTER_SECONDS
        ):
            claim = young.popleft()
            if claim in self._going:
                claim.parked = True
                self._parked += 1
                self._parked_of[claim.organization_id] += 1
                self._parked_to[claim.webhook_id] += 1


def _less(counter: Counter[str], key: str) -> None:
    counter[key] -= 1
    if counter[key] <= 0:
        del counter[key]
