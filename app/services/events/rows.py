"""The rows that stand for events and their deliveries, gathered and then stored at once."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from app.domain.common.ids import new_id
from app.domain.deliveries.states import PENDING, SKIPPED
from app.domain.deliveries.tallies import Tallies
from app.models import Delivery, Due, Event, EventType, IdempotencyKey
from app.services.events.drafts import Prepared
from app.store import bulk
from app.store import key_order as ordering
from app.store.bulk import Shape
from app.store.sessions import WriteSession
from app.store.tallies import TALLIES, rows_of


def _shape(model: Any, *columns: str) -> Shape:
    return Shape(model.__table__, columns)


EVENTS = _shape(
    Event,
    "id",
    "organization_id",
    "type",
    "source",
    "ordering_key",
    "occurred_at",
    "created_at",
    "producer_id",
    "payload",
    "callback",
    "callback_preset",
)
DELIVERIES = _shape(
    Delivery,
    "id",
    "organization_id",
    "webhook_id",
    "event_id",
    "event_type",
    "source",
    "url",
    "state",
    "attempts",
    "created_at",
    "updated_at",
)
DUE = _shape(
    Due,
    "delivery_id",
    "organization_id",
    "webhook_id",
    "event_id",
    "next_at",
    "attempt",
    "run_start",
    "ordering_key",
    "head",
    "bytes",
)
TYPES = _shape(EventType, "organization_id", "name", "description", "created_at")
KEYS = _shape(IdempotencyKey, "organization_id", "key", "event_id", "fingerprint", "created_at")


@dataclass(slots=True)
class Wanted:
    """A delivery to be made. ordering_key: None on an unordered webhook. url: a callback's own."""

    webhook_id: str
    active: bool
    ordering_key: str | None = None
    url: str | None = None
    id: str = field(default_factory=new_id)

    @property
    def state(self) -> str:
        return PENDING if self.active else SKIPPED


def insert_keys(session: WriteSession, given: Iterable[tuple[str, Prepared]], now: int) -> set[str]:
    """given: pairs of event id and draft. The ids of those whose idempotency key was not used."""
    rows = sorted(
        (item.organization_id, item.draft.producer_id, event_id, item.fingerprint, now)
        for event_id, item in given
    )
    return bulk.insert_absent(session, KEYS, rows, "event_id")


def insert_types(session: WriteSession, names: Iterable[tuple[str, str]], now: int) -> None:
    """names: pairs of organization id and event type."""
    rows = [(organization_id, name, "", now) for organization_id, name in sorted(set(names))]
    bulk.insert_absent(session, TYPES, rows, "name")


@dataclass(slots=True)
class EventRows:
    """Add events in the order of acceptance, then store them all. now: milliseconds."""

    now: int
    events: list[tuple[Any, ...]] = field(default_factory=list)
    deliveries: list[tuple[Any, ...]] = field(default_factory=list)
    waiting: list[tuple[str, Prepared, Wanted]] = field(default_factory=list)
    tallies: Tallies = field(default_factory=Tallies)

    def add(self, event_id: str, item: Prepared, wanted: Iterable[Wanted]) -> None:
        draft, callback, now = item.draft, item.callback, self.now
        self.events.append(
            (
                event_id,
                item.organization_id,
                draft.type,
                draft.source,
                draft.ordering_key,
                now if draft.occurred_at is None else draft.occurred_at,
                now,
                draft.producer_id,
                draft.payload,
                callback and callback.url,
                callback and callback.preset,
            )
        )
        self.tallies.add(item.organization_id, None, "events")
        for one in wanted:
            self.tallies.add(item.organization_id, one.webhook_id, "deliveries")
            if not one.active:
                self.tallies.add(item.organization_id, one.webhook_id, SKIPPED)
            self.deliveries.append(
                (
                    one.id,
                    item.organization_id,
                    one.webhook_id,
                    event_id,
                    draft.type,
                    draft.source,
                    one.url,
                    one.state,
                    0,
                    now,
                    now,
                )
            )
            if one.active:
                self.waiting.append((event_id, item, one))

    def store(self, session: WriteSession) -> None:
        keys = {
            (one.webhook_id, one.ordering_key)
            for _, _, one in self.waiting
            if one.ordering_key is not None
        }
        ordering.lock_keys(session, keys)
        due = self._due(ordering.standing(session, keys))
        bulk.insert(
            session,
            (EVENTS, self.events),
            (DELIVERIES, self.deliveries),
            (DUE, due),
            (TALLIES, rows_of(self.tallies, self.now)),
        )

    def _due(self, standing: set[ordering.Key]) -> list[tuple[Any, ...]]:
        """standing: keys that have a head; each further one of a key waits for those before."""
        return [
            (
                one.id,
                item.organization_id,
                one.webhook_id,
                event_id,
                self.now,
                1,
                1,
                one.ordering_key,
                one.ordering_key is None or _is_first(standing, one.webhook_id, one.ordering_key),
                len(item.draft.payload),
            )
            for event_id, item, one in self.waiting
        ]


def _is_first(standing: set[ordering.Key], webhook_id: str, ordering_key: str) -> bool:
    key = (webhook_id, ordering_key)
    if key in standing:
        return False
    standing.add(key)
    return True
