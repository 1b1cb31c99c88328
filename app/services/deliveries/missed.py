"""Send missed events to a webhook: events that match its current settings and have no delivery for
it, or one that was skipped while it was paused.

Running it twice sends nothing twice: an event that has a delivery is not missed.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from app.domain.common.clock import iso, now_ms
from app.domain.common.errors import Conflict
from app.domain.common.ids import new_id
from app.domain.deliveries.states import SKIPPED
from app.domain.deliveries.tallies import Tallies
from app.domain.events.event import EventFacts
from app.domain.webhooks.facts import WebhookFacts
from app.domain.webhooks.matching import choose
from app.domain.webhooks.rows import facts_from_row
from app.models.common.base import db
from app.queries.common.scans import Span, span_of
from app.queries.deliveries.missed import Missed, step, without_delivery
from app.runtime.context import runtime
from app.runtime.expressions import verdicts_of
from app.services.accounts.actor import Actor
from app.services.audit import log as audit
from app.services.deliveries.bulk import Progress
from app.services.deliveries.resending import resend_deliveries
from app.services.events.rows import DELIVERIES
from app.services.webhooks.changes import get_webhook, lock_webhook
from app.store import bulk
from app.store import key_order as ordering
from app.store.deadlocks import retry_on_deadlock
from app.store.sessions import WriteSession
from app.store.tallies import append
from app.store.transaction import write_transaction


@dataclass(slots=True)
class _Walk:
    """Iterates over the events of `span`, oldest first. stop: on the monotonic clock."""

    organization_id: str
    webhook_id: str
    span: Span
    stop: float | None
    after: str | None = None
    is_done: bool = False

    def next_step(self) -> tuple[WebhookFacts, list[Missed], str | None]:
        """The current webhook, the events it missed, and the edge. NotFound, Conflict."""
        webhook = _active_facts(self.organization_id, self.webhook_id)
        examined = step(webhook, self.span.above(self.after))
        # No transaction stays open while a filter runs in the sandbox.
        db.session.commit()
        missed = [m for m in examined.missed if m.delivery_id or self._matches(webhook, m.event)]
        return webhook, missed, examined.edge

    def _matches(self, webhook: WebhookFacts, event: EventFacts) -> bool:
        verdicts = verdicts_of(self.organization_id, event, [webhook])
        return choose(webhook, event, verdicts) is None

    def advance(self, edge: str | None) -> bool:
        """Returns whether to continue: there are more events, and time is left."""
        # No transaction stays open between steps.
        db.session.commit()
        self.after, self.is_done = edge, edge is None
        return not self.is_done and (self.stop is None or time.monotonic() < self.stop)


def count_missed(
    organization_id: str,
    webhook_id: str,
    since: int,
    *,
    until: int | None = None,
    seconds: float | None = None,
) -> Progress:
    """Count events missed since a time (milliseconds since the epoch). until: excluded; None: now.
    seconds: stop counting after about this long. Conflict: a one-time webhook. NotFound."""
    walk = _walk(organization_id, webhook_id, since, None, seconds)
    if until is not None:
        walk.span = span_of(since, until)
    number = 0
    while True:
        _, missed, edge = walk.next_step()
        number += len(missed)
        if not walk.advance(edge):
            return Progress(number, walk.after)


def send_missed(
    organization_id: str,
    webhook_id: str,
    since: int,
    actor: Actor,
    *,
    until: int | None = None,
    after: str | None = None,
    seconds: float | None = None,
) -> Progress:
    """Send events missed since a time, from the event id `after` on; stop after about `seconds`.
    until: accepted before this time; never those accepted from now on. Conflict, NotFound."""
    walk = _walk(organization_id, webhook_id, since, after, seconds, until=until)
    number = 0
    while True:
        webhook, missed, edge = walk.next_step()
        sent = retry_on_deadlock(partial(_send, webhook, missed)) if missed else 0
        if sent is None:
            # The webhook was changed meanwhile: match again.
            continue
        number += sent
        if not walk.advance(edge):
            break
    _record(organization_id, webhook_id, actor, since, number)
    return Progress(number, walk.after)


def next_missed(
    organization_id: str, webhook_id: str, span: tuple[int, int], after: str | None
) -> tuple[WebhookFacts, list[Missed], str | None]:
    """The webhook, some of the events that it missed in `span` behind the event id `after`, and the
    last id that was examined; None: there are no more. Conflict, NotFound."""
    walk = _Walk(organization_id, webhook_id, span_of(*span), None, after)
    return walk.next_step()


def _walk(
    organization_id: str,
    webhook_id: str,
    since: int,
    after: str | None,
    seconds: float | None,
    *,
    until: int | None = None,
) -> _Walk:
    end = now_ms() + 1
    span = span_of(since, end if until is None else min(until, end))
    stop = None if seconds is None else time.monotonic() + seconds
    return _Walk(organization_id, webhook_id, span, stop, after)


def _active_facts(organization_id: str, webhook_id: str) -> WebhookFacts:
    """As if the webhook were active, because matching ignores pauses. NotFound, Conflict."""
    row = get_webhook(organization_id, webhook_id)
    if row.once:
        raise Conflict("A one-time webhook cannot miss events: it waits for its first match.")
    return replace(facts_from_row(row.columns(), None, 0), is_active=True)


def _send(webhook: WebhookFacts, missed: Sequence[Missed]) -> int | None:
    """Returns how many are due now; None: the webhook was changed since the events were matched."""
    with write_transaction() as session:
        sent = send_in(session, webhook, missed)
    runtime().wake_up.notify()
    return sent


def send_in(
    session: WriteSession,
    webhook: WebhookFacts,
    missed: Sequence[Missed],
    job_id: str | None = None,
) -> int | None:
    """In the caller's transaction. Returns how many are due now; None: the webhook was changed
    since the events were matched."""
    organization_id = webhook.organization_id
    ordering.lock_organizations(session, [organization_id], shared=True)
    # A concurrent call waits here, and then finds nothing missed.
    row = lock_webhook(session, organization_id, webhook.id)
    if row.version != webhook.version:
        return None
    now = now_ms()
    created = _create(session, webhook, [m.event.id for m in missed if not m.delivery_id], now)
    skipped = [m.delivery_id for m in missed if m.delivery_id]
    return len(resend_deliveries(session, organization_id, [*created, *skipped], now, job_id))


def _create(
    session: WriteSession, webhook: WebhookFacts, event_ids: list[str], now: int
) -> list[str]:
    """Create deliveries as skipped, so that they are resent like the others. Returns their ids."""
    rows = [
        (
            new_id(),
            webhook.organization_id,
            webhook.id,
            event_id,
            event_type,
            source,
            None,
            SKIPPED,
            0,
            now,
            now,
        )
        for event_id, event_type, source in without_delivery(webhook, event_ids)
    ]
    bulk.insert(session, (DELIVERIES, rows))
    tallies = Tallies()
    tallies.add(webhook.organization_id, webhook.id, "deliveries", len(rows))
    # Undoes the count of `resend_deliveries`: these are sent for the first time.
    tallies.add(webhook.organization_id, webhook.id, "resent", -len(rows))
    append(session, tallies, now)
    return [row[0] for row in rows]


def _record(organization_id: str, webhook_id: str, actor: Actor, since: int, number: int) -> None:
    after = {"count": number, "since": iso(since)}
    with write_transaction() as session:
        audit.record(
            session, organization_id, actor, "webhook.send_missed", webhook_id, after=after
        )
