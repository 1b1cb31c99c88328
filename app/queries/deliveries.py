"""Deliveries as they are listed, looked at and counted."""

from dataclasses import dataclass

from app.models import Attempt, Delivery
from app.queries.pages import Page


@dataclass(frozen=True, slots=True)
class DeliveryFilter:
    """What a list of deliveries is narrowed to; None and () narrow nothing.

    states: names of domain.states, `sending` among them. status_code: of the last answer;
    status_class: its first digit (5 is 500 to 599). cause: of the last attempt (domain.causes).
    since, until: milliseconds since the epoch, of acceptance, until excluded. q: an id of a
    delivery, event or webhook, the producer's own id of an event, or text in the payload.
    """

    states: tuple[str, ...] = ()
    webhook_id: str | None = None
    event_id: str | None = None
    event_type: str | None = None
    source: str | None = None
    status_code: int | None = None
    status_class: int | None = None
    cause: str | None = None
    since: int | None = None
    until: int | None = None
    q: str | None = None


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """A delivery with what the ledger and its webhook add.

    state: with `sending` while a worker has it. next_attempt_at: milliseconds since the epoch;
    None when no attempt is to come. url: where it goes. held: its webhook is paused, so that it
    waits. blocked: it waits for an earlier delivery of its ordering key.
    """

    delivery: Delivery
    state: str
    next_attempt_at: int | None
    webhook_name: str
    url: str
    held: bool
    blocked: bool

    @property
    def id(self) -> str:
        return self.delivery.id


def page(
    organization_id: str, wanted: DeliveryFilter, limit: int = 50, cursor: str | None = None
) -> Page[DeliveryRow]:
    """Newest first. Invalid when the cursor is none of ours."""
    raise NotImplementedError


def get(organization_id: str, delivery_id: str) -> DeliveryRow | None:
    raise NotImplementedError


def attempts(organization_id: str, delivery_id: str) -> list[Attempt]:
    """The first one first."""
    raise NotImplementedError


def count(organization_id: str, wanted: DeliveryFilter, at_most: int | None = None) -> int:
    """How many there are; at_most: stop counting there, since what no index serves is read."""
    raise NotImplementedError
