"""What a worker holds of a delivery, from the claim to the record."""

from dataclasses import dataclass

from app.domain.bodies.spec import Body
from app.domain.deliveries.verdicts import Verdict
from app.domain.events.event import EventFacts
from app.engine.webhook_cache import CachedWebhook
from app.sending.http.outcome import Outcome, no_request


@dataclass(slots=True, eq=False)
class Claim:
    """A row of `due`, as it was claimed. bytes: of the payload. worker_id: under which it was
    claimed; the record is refused if the row is somebody else's by then."""

    due_id: int
    delivery_id: str
    organization_id: str
    webhook_id: str
    event_id: str
    attempt: int
    run_start: int
    ordering_key: str | None
    bytes: int
    worker_id: int
    known: CachedWebhook
    # Loaded when a slot is free. url: a one-off callback's own. body: as an earlier attempt sent
    # it; fault: why there is nothing to send.
    event: EventFacts | None = None
    url: str | None = None
    body: Body | None = None
    fault: str | None = None
    # On the loop's clock. parked: it has been going for so long that it holds no common slot.
    started_at: float = 0.0
    parked: bool = False

    @property
    def is_loaded(self) -> bool:
        return self.event is not None or self.fault is not None


@dataclass(slots=True, eq=False)
class Result:
    """What came of a claim. url: as it was called. body: what was rendered; None: nothing was.
    ended_at: ms since the epoch."""

    claim: Claim
    outcome: Outcome
    verdict: Verdict
    url: str
    body: Body | None
    ended_at: int

    def without_particulars(self) -> "Result":
        """For a ledger that refuses what came back: only how it ended."""
        outcome = no_request(self.outcome.cause, "the particulars could not be recorded", 0)
        outcome.started_at, outcome.status = self.outcome.started_at, self.outcome.status
        return Result(self.claim, outcome, self.verdict, "", None, self.ended_at)
