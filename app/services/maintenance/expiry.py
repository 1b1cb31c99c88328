"""Delete expired data in short transactions, oldest first."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from sqlalchemy import ColumnElement, delete, func, null, or_, select, update

from app.domain.common.form_encoding import QUERY_METHODS
from app.domain.common.ids import first_id_of
from app.domain.deliveries.states import PENDING, RETRYING
from app.domain.maintenance.retention import DAY_MS, GRACE_MS, Retention
from app.models import (
    Attempt,
    Delivery,
    DeliveryBody,
    Event,
    IdempotencyKey,
    Resend,
    RetainedPayload,
    RetentionMark,
)
from app.queries.maintenance import tasks as expired
from app.runtime.context import runtime
from app.services.maintenance import leftovers
from app.store import bulk, event_values
from app.store.sessions import WriteSession

# The query in the first line of a request.
_QUERY = re.compile(rb"\A(\S+ [^ ?]*)\?[^ ]*")

NOTHING: event_values.Known = MappingProxyType({})
HELD = bulk.Shape(RetainedPayload.__table__, ("organization_id", "event_id"))


@dataclass(frozen=True, slots=True)
class Round:
    """One organization's cleanup, in a transaction that has locked its mark.
    known: values of `event_ids`, read before."""

    session: WriteSession
    mark: RetentionMark
    retention: Retention
    now: int
    known: event_values.Known = field(default_factory=dict)

    def event_ids(self) -> Sequence[str]:
        """Events whose payloads the next step deletes, if nothing changes until then."""
        ids = self._expired()
        since = self._resting if ids else None
        ids = ids or self._held() or self._aged()
        busy = expired.busy(ids, since) if ids else ()
        return [event_id for event_id in ids if event_id not in busy]

    def step(self) -> bool:
        """Delete a batch. Returns False if there is nothing left."""
        return self._records() or self._retained_payloads() or self._payloads() or self._leftovers()

    @property
    def _organization_id(self) -> str:
        return self.mark.organization_id

    def _records(self) -> bool:
        """Events with their deliveries, except events with open deliveries."""
        ids = self._expired()
        if not ids:
            return False
        busy = expired.busy(ids, self._resting)
        free = [event_id for event_id in ids if event_id not in busy]
        deliveries, are_all = _lock_ended_deliveries(self.session, free, self._resting)
        delete_deliveries(self.session, deliveries)
        if are_all:
            # A locked delivery keeps its event until the next round.
            delete_events(self.session, self._organization_id, free, self.known)
            self.mark.events_after = ids[-1]
        return True

    @property
    def _resting(self) -> int:
        """Deliveries that changed since then may still change."""
        return self.now - GRACE_MS

    def _expired(self) -> Sequence[str]:
        until = first_id_of(self.retention.records_until(self.now))
        return expired.batch(expired.oldest(self._organization_id, self.mark.events_after, until))

    def _payloads(self) -> bool:
        """Payloads of events whose records are kept. Open deliveries still need their payload."""
        ids = self._aged()
        if not ids:
            return False
        busy = expired.busy(ids)
        strip(self.session, [event_id for event_id in ids if event_id not in busy], self.known)
        rows = [(self._organization_id, event_id) for event_id in sorted(busy)]
        bulk.insert_absent(self.session, HELD, rows, "event_id")
        self.mark.payloads_after = ids[-1]
        return True

    def _aged(self) -> Sequence[str]:
        moment = self.retention.payloads_until(self.now)
        if moment is None:
            return ()
        after, until = self.mark.payloads_after, first_id_of(moment)
        events = expired.oldest(self._organization_id, after, until)
        return expired.batch(expired.with_deliveries(events)) if events else ()

    def _held(self) -> Sequence[str]:
        return expired.retained_payloads(self._organization_id, self.mark.held_after)

    def _retained_payloads(self) -> bool:
        ids = self._held()
        if not ids:
            return False
        busy = expired.busy(ids)
        free = [event_id for event_id in ids if event_id not in busy]
        strip(self.session, free, self.known)
        self.session.execute(
            delete(RetainedPayload).where(
                RetainedPayload.organization_id == self._organization_id,
                RetainedPayload.event_id.in_(free),
            ),
        )
        self.mark.held_after = ids[-1]
        return True

    def _leftovers(self) -> bool:
        return leftovers.delete_some(
            self.session,
            self._organization_id,
            self.retention.records_until(self.now),
            self.now - runtime().settings.audit_retention_days * DAY_MS,
        )


def delete_deliveries(session: WriteSession, ids: Sequence[str]) -> None:
    if ids:
        session.execute(delete(Attempt).where(Attempt.delivery_id.in_(ids)))
        session.execute(delete(DeliveryBody).where(DeliveryBody.delivery_id.in_(ids)))
        session.execute(delete(Resend).where(Resend.delivery_id.in_(ids)))
        session.execute(delete(Delivery).where(Delivery.id.in_(ids)))


def delete_events(
    session: WriteSession, organization_id: str, ids: Sequence[str], known: event_values.Known
) -> None:
    """Those without deliveries, with all that belongs to them. known: see `delete_values`."""
    event_values.delete_values(session, ids, known)
    still = select(Delivery.id).where(Delivery.event_id == Event.id)
    gone = session.execute(
        delete(Event)
        .where(Event.id.in_(ids), ~still.exists())
        .returning(Event.id, Event.producer_id)
    ).all()
    event_ids = [row[0] for row in gone]
    # No index finds a key by its event. Expired events, and so their keys, are at least a day old.
    keys = [row[1] for row in gone if row[1] is not None]
    for statement in (
        delete(IdempotencyKey).where(
            IdempotencyKey.organization_id == organization_id,
            IdempotencyKey.key.in_(keys),
            IdempotencyKey.event_id.in_(event_ids),
        ),
        delete(RetainedPayload).where(
            RetainedPayload.organization_id == organization_id,
            RetainedPayload.event_id.in_(event_ids),
        ),
    ):
        session.execute(statement)


def strip(
    session: WriteSession, event_ids: Sequence[str], known: event_values.Known = NOTHING
) -> None:
    """Delete payloads and response bodies, but keep the records. known: see `delete_values`."""
    if not event_ids:
        return
    event_values.delete_values(session, event_ids, known)
    nothing = {"payload": None, "schema_mismatches": null()}
    session.execute(update(Event).where(Event.id.in_(event_ids)).values(nothing))
    # A subquery: an event may have more deliveries than a statement binds values.
    deliveries = select(Delivery.id).where(Delivery.event_id.in_(event_ids))
    session.execute(delete(DeliveryBody).where(DeliveryBody.delivery_id.in_(deliveries)))
    condition = Attempt.delivery_id.in_(deliveries)
    bodies = update(Attempt).where(condition, Attempt.response_body.is_not(None))
    session.execute(bodies.values(response_body=None, response_truncated=False))
    _strip_queries(session, condition)


def _strip_queries(session: WriteSession, condition: ColumnElement[bool]) -> None:
    """Methods without a body carry the payload in the URL."""
    starts = [f"{method} ".encode() for method in sorted(QUERY_METHODS)]
    in_query = [func.substr(Attempt.stored_head, 1, len(start)) == start for start in starts]
    columns = (Attempt.id, Attempt.url, Attempt.stored_head)
    attempts = session.execute(
        select(*columns).where(condition, or_(*in_query), Attempt.url.contains("?"))
    ).all()
    for id_, url, head in attempts:
        values = {"url": url.partition("?")[0], "stored_head": _without_query(bytes(head))}
        session.execute(update(Attempt).where(Attempt.id == id_).values(**values))


def _without_query(head: bytes) -> bytes:
    """head: may be shortened, which leaves the target as it is."""
    return _QUERY.sub(rb"\1", head, count=1)


def _lock_ended_deliveries(
    session: WriteSession, event_ids: Sequence[str], since: int
) -> tuple[list[str], bool]:
    """Lock deliveries that are neither open nor changed after `since`, as many as one transaction
    deletes. Returns their ids, and whether these are all."""
    rows = session.execute(
        select(Delivery.id, Delivery.attempts)
        .where(
            Delivery.event_id.in_(event_ids),
            Delivery.state.not_in((PENDING, RETRYING)),
            Delivery.updated_at <= since,
        )
        .limit(expired.WEIGHT + 1)
        .with_for_update(skip_locked=True)
    ).all()
    ids = expired.batch([expired.ExpiredEvent(row[0], 1 + row[1]) for row in rows])
    return ids, len(ids) == len(rows)
