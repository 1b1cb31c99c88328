"""Trying a webhook out: a sample event, sent now, once."""

from dataclasses import dataclass

from app.domain.composing import Composed
from app.sending.outcome import Outcome
from app.services.actor import SYSTEM, Actor


@dataclass(frozen=True, slots=True)
class CheckResult:
    """composed: the request as it was sent; None when no body could be made of the sample."""

    outcome: Outcome
    succeeded: bool
    composed: Composed | None
    event_type: str


def check(organization_id: str, webhook_id: str, actor: Actor = SYSTEM) -> CheckResult:
    """Waits for the receiver's answer, for the webhook's timeout at most. One attempt, never
    retried, no delivery is recorded. NotFound."""
    raise NotImplementedError
