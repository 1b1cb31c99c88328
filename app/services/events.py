"""Publishing: an event and its deliveries are committed before anybody is told so."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.domain.events import EventDraft


@dataclass(frozen=True, slots=True)
class MadeDelivery:
    """state: as in domain.states; `skipped` when the webhook is paused."""

    id: str
    webhook_id: str
    state: str


@dataclass(frozen=True, slots=True)
class Published:
    """duplicate: its key had been used for the same event, whose deliveries these are."""

    id: str
    type: str
    deliveries: tuple[MadeDelivery, ...]
    duplicate: bool


def publish(organization_id: str, draft: EventDraft) -> Published:
    """Accept one event. Shares its transaction with the others that wait at the same instant.

    Conflict: its key was used for another event. Invalid: the callback cannot be called.
    NotFound: no such organization."""
    raise NotImplementedError


def publish_batch(organization_id: str, drafts: Sequence[EventDraft]) -> list[Published]:
    """Accept all of them in one transaction, or none. The errors of `publish`, with the place
    (`events[3]`) in their fields and texts."""
    raise NotImplementedError
