"""Events as they are listed and looked at."""

from dataclasses import dataclass

from app.domain.matching import Refusal
from app.models import Event, Webhook
from app.queries.deliveries import DeliveryRow
from app.queries.pages import Page


@dataclass(frozen=True, slots=True)
class EventFilter:
    """since, until: milliseconds since the epoch, of acceptance, until excluded. q: an event's id,
    the producer's own id, or text in the payload."""

    type: str | None = None
    source: str | None = None
    since: int | None = None
    until: int | None = None
    q: str | None = None


def page(
    organization_id: str, wanted: EventFilter, limit: int = 50, cursor: str | None = None
) -> Page[Event]:
    """Newest first; payloads are read only when they are asked for, one by one."""
    raise NotImplementedError


def get(organization_id: str, event_id: str) -> Event | None:
    raise NotImplementedError


def deliveries_of(organization_id: str, event_id: str) -> list[DeliveryRow]:
    """The oldest first."""
    raise NotImplementedError


def states_of(organization_id: str, event_ids: list[str]) -> dict[str, dict[str, int]]:
    """How many deliveries each event has in each stored state: {event id: {state: count}}."""
    raise NotImplementedError


def why_not(organization_id: str, event: Event) -> list[tuple[Webhook, Refusal]]:
    """The webhooks that stood when it was accepted and did not get it, each with the reason."""
    raise NotImplementedError
