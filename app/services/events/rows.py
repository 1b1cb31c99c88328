"""Collect the rows of events and deliveries, and insert them together."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection

from app.domain.common.ids import new_id
from app.domain.deliveries.states import PENDING, SKIPPED
from app.domain.deliveries.tallies import Tallies
from app.models import Delivery, Due, Event, EventType, IdempotencyKey
from app.services.events.drafts import Prepared
from app.store import bulk, event_values
from app.store import key_order as ordering
from app.store.bulk import Shape
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
# While traces are on; with events that do not match their type's schema; both.
TRACED_EVENTS = _shape(Event, *EVENTS.columns, "traceparent")
MISMATCHED_EVENTS = _shape(Event, *EVENTS.columns, "schema_mismatches")
TRACED_MISMATCHED_EVENTS = _shape(Event, *TRACED_EVENTS.columns, "schema_mismatches")
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
class NewDelivery:
    """ordering_key: None on an unordered webhook. url: of a one-off callback."""

    webhook_id: str
    active: bool
    ordering_key: str | None = None
    url: str | None = None
    id: str = field(default_factory=new_id)

    @property
    def state(self) -> str:
        return PENDING if self.active else SKIPPED


def insert_keys(
    connection: Connection, events: Iterable[tuple[str, Prepared]], now: int
) -> set[str]:
    """events: (event id, draft). Returns the ids of events whose idempotency key was not used."""
    rows = sorted(
        (item.organization_id, item.draft.producer_id, event_id, item.fingerprint, now)
        for event_id, item in events
    )
    return bulk.insert_absent(connection, KEYS, rows, "event_id")


def insert_types(connection: Connection, names: Iterable[tuple[str, str]], now: int) -> None:
    """names: (organization id, event type)"""
    rows = [(organization_id, name, "", now) for organization_id, name in sorted(set(names))]
    bulk.insert_absent(connection, TYPES, rows, "name")


@dataclass(slots=True)
class EventRows:
    """Add events in the order of acceptance, then insert them all. now: milliseconds."""

    now: int
    events: list[tuple[Any, ...]] = field(default_factory=list)
    deliveries: list[tuple[Any, ...]] = field(default_factory=list)
    due: list[tuple[str, Prepared, NewDelivery]] = field(default_factory=list)
    tallies: Tallies = field(default_factory=Tallies)
    # By event id; empty while traces are off.
    traceparents: dict[str, str] = field(default_factory=dict)
    # By event id, JSON of what does not match the type's schema.
    mismatches: dict[str, str] = field(default_factory=dict)
    # Of the values to search by.
    values: list[bytes] = field(default_factory=list)

    def add(self, event_id: str, item: Prepared, deliveries: Iterable[NewDelivery]) -> None:
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
        for delivery in deliveries:
            self.tallies.add(item.organization_id, delivery.webhook_id, "deliveries")
            if not delivery.active:
                self.tallies.add(item.organization_id, delivery.webhook_id, SKIPPED)
            self.deliveries.append(
                (
                    delivery.id,
                    item.organization_id,
                    delivery.webhook_id,
                    event_id,
                    draft.type,
                    draft.source,
                    delivery.url,
                    delivery.state,
                    0,
                    now,
                    now,
                )
            )
            if delivery.active:
                self.due.append((event_id, item, delivery))

    def insert(self, connection: Connection) -> None:
        keys = {
            (delivery.webhook_id, delivery.ordering_key)
            for _, _, delivery in self.due
            if delivery.ordering_key is not None
        }
        ordering.lock_keys(connection, keys)
        due_rows = self._due_rows(ordering.keys_with_rows(connection, keys))
        bulk.insert(
            connection,
            self._event_rows(),
            (DELIVERIES, self.deliveries),
            (DUE, due_rows),
            (TALLIES, rows_of(self.tallies, self.now)),
            (event_values.NEW, event_values.blocks(self.values)),
        )

    def _event_rows(self) -> tuple[Shape, list[tuple[Any, ...]]]:
        if not self.traceparents and not self.mismatches:
            return EVENTS, self.events
        traces, mismatches = self.traceparents, self.mismatches
        if not mismatches:
            return TRACED_EVENTS, [(*row, traces.get(row[0])) for row in self.events]
        if not traces:
            return MISMATCHED_EVENTS, [(*row, mismatches.get(row[0])) for row in self.events]
        return TRACED_MISMATCHED_EVENTS, [
            (*row, traces.get(row[0]), mismatches.get(row[0])) for row in self.events
        ]

    def _due_rows(self, taken: set[ordering.Key]) -> list[tuple[Any, ...]]:
        """taken: keys that have a head already; further deliveries of a key wait for it."""
        return [
            (
                delivery.id,
                item.organization_id,
                delivery.webhook_id,
                event_id,
                self.now,
                1,
                1,
                delivery.ordering_key,
                _is_head(taken, delivery),
                len(item.draft.payload),
            )
            for event_id, item, delivery in self.due
        ]


def _is_head(taken: set[ordering.Key], delivery: NewDelivery) -> bool:
    if delivery.ordering_key is None:
        return True
    key = (delivery.webhook_id, delivery.ordering_key)
    is_head = key not in taken
    taken.add(key)
    return is_head
