"""A delivery in a worker's memory, from claiming it to recording the result."""

import msgspec

from app.domain.bodies.spec import Body
from app.domain.common.trace_context import TraceContext
from app.domain.deliveries.sealing import Seals
from app.domain.deliveries.verdicts import Verdict
from app.domain.events.event import EventFacts
from app.engine.webhook_cache import CachedWebhook
from app.sending.http.outcome import Outcome, no_response


class Claim(msgspec.Struct, eq=False):
    """A claimed row of `due`. bytes: size of the payload. worker_id: who claimed it; the result
    is discarded if the row belongs to another worker by then."""

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
    webhook: CachedWebhook
    # Loaded when a slot is free. url: of a one-off callback. body: as an earlier attempt sent it.
    # fault: why nothing can be sent. is_sandboxed: the body was rendered by the sandbox.
    event: EventFacts | None = None
    url: str | None = None
    body: Body | None = None
    fault: str | None = None
    is_sandboxed: bool = False
    # The attempt's own span, while traces are on.
    trace: TraceContext | None = None
    # With OAuth: the header's value, and what hides it in the record.
    authorization: str | None = None
    seals: Seals | None = None
    # Monotonic seconds. parked: in flight for so long that it no longer occupies a regular slot.
    started_at: float = 0.0
    parked: bool = False

    @property
    def is_loaded(self) -> bool:
        return self.event is not None or self.fault is not None


class Result(msgspec.Struct, eq=False):
    """The outcome of a claim. url: the one requested. body: the rendered body, or None if there is
    none. ended_at: ms since the epoch."""

    claim: Claim
    outcome: Outcome
    verdict: Verdict
    url: str
    body: Body | None
    ended_at: int

    def without_details(self) -> "Result":
        """Keep only how it ended, for a database that refuses the response's content."""
        outcome = no_response(self.outcome.cause, "the details could not be recorded", 0)
        outcome.started_at, outcome.status = self.outcome.started_at, self.outcome.status
        return Result(self.claim, outcome, self.verdict, "", None, self.ended_at)
